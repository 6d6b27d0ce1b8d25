/** The words of one's own account in German. */
import type { sayAccount } from "../account";
import { counted } from "../en";
import type { Words } from "../merge";

export const account: Words<typeof sayAccount> = {
  guest: "Du bist hier zu Gast",
  guestHint: "Gäste haben kein Konto. Was du tust, bleibt im Projekt.",
  local:
    "Wem dieser Rechner gehört, hat weder E-Mail noch Passwort: `cutroom link` gibt einen neuen Zugang aus.",
  noEmail:
    "Du kamst durch eine Einladung: Es gibt weder E-Mail noch Passwort, dieser Browser ist dein Zugang.",

  workspaces: "Arbeitsbereiche",
  noWorkspace: "Du bist in keinem Arbeitsbereich. Eine Einladung lässt dich in einen hinein.",
  people: "Personen und Tokens",
  credits: "Credits",
  creditsOf: (name) => `Credits von ${name}`,

  signIns: "Anmeldungen",
  signInsHint: "Jeder Browser, der als du angemeldet ist.",
  here: "Dieser Browser",
  elsewhere: "Ein anderer Browser",
  signedIn: (when, seen, ends) => `Angemeldet ${when} · zuletzt gesehen ${seen} · endet ${ends}`,
  end: "Beenden",
  endOf: (when) => `Die Anmeldung vom ${when} beenden`,
  endOthers: "Alle anderen beenden",
  ended: "Diese Anmeldung ist beendet",
  othersEnded: "Alle anderen Anmeldungen sind beendet",
  signInsFailed: "Die Anmeldungen konnten nicht geladen werden",
  notEnded: "Das ließ sich nicht beenden",

  password: "Passwort",
  passwordHint:
    "Eine Änderung beendet jede andere Anmeldung. Wer sich ohne anmeldet, hat keines zu ändern.",
  present: "Jetziges Passwort",
  chosen: "Neues Passwort",
  chosenHint: (least) => `Mindestens ${least} Zeichen`,
  show: "Zeigen, was ich tippe",
  change: "Passwort ändern",
  changed: "Das Passwort ist geändert",
  notChanged: "Das Passwort ließ sich nicht ändern",
  faults: {
    empty: "Gib das Passwort ein, das du jetzt hast.",
    short: (least) => `Nimm mindestens ${least} Zeichen.`,
    long: (most) => `Nimm höchstens ${most} Zeichen.`,
    common: "Dieses Passwort benutzen auch andere. Nimm ein selteneres.",
    same: "Das ist das Passwort, das du jetzt hast.",
    wrong: "Das ist nicht dein jetziges Passwort.",
    tooOften: "Zu viele falsche. Warte einige Minuten und versuche es dann wieder.",
  },

  data: "Deine Daten",
  dataHint:
    "Jeder Eintrag, der dich nennt, als eine JSON-Datei. Was du hochgeladen hast, liegt in deinen Projekten.",
  download: "Meine Daten herunterladen",
  preparing: "Wird vorbereitet ...",
  notDownloaded: "Deine Daten konnten nicht heruntergeladen werden",
  dataTooOften: "Das geht fünfmal in der Stunde. Versuche es später wieder.",

  deletion: "Konto löschen",
  deletionHint: "Für immer. Du siehst, was geht und was bleibt, bevor etwas geschieht.",
  deleteMine: "Mein Konto löschen ...",
  deleteTitle: "Dein Konto für immer löschen?",
  goes: "Was geht",
  goesYou:
    "Dein Name, deine E-Mail und dein Passwort, jede Anmeldung, deine Einstellungen und Tokens.",
  closes: (name) => `${name}, mit den Projekten und Credits darin: Nur du bist dort.`,
  stays: "Was bleibt",
  staysWith: (name) => `${name}, mit dem, was du dort gemacht hast: Andere arbeiten darin.`,
  staysWords: "Deine Kommentare, wo andere sie lesen, unter „Former member“.",
  staysBooks: "Die Bücher der Credits und das Protokoll, unter einer Nummer statt deines Namens.",
  waits: "Erst übergeben",
  waitsHint: "Nur dir gehört der Arbeitsbereich, und andere arbeiten dort.",
  handOver: (name) => `${name} übergeben`,
  asking: "Deine Arbeitsbereiche werden angesehen ...",
  fateFailed: "Deine Arbeitsbereiche konnten nicht geladen werden",
  confirm: "Dein Passwort, zur Bestätigung",
  confirmHint: "Leer, wenn du dich ohne eines anmeldest",
  understood: "Ich weiß, dass sich das nicht zurücknehmen lässt",
  deleteNow: "Für immer löschen",
  deleted: "Dein Konto ist gelöscht",
  notDeleted: "Das Konto ließ sich nicht löschen",
  waitingSpaces: (count) => `Erst ${counted(count, "Arbeitsbereich", "Arbeitsbereiche")} übergeben`,
};
