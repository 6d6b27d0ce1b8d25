/** The words of doors, projects, the preview and the state of the work in German. */
import type { problemText, refusalText, saveStateText, undoText } from "../en";
import { counted, since } from "../en";
import type { sayTimes } from "../figures";
import type { Words } from "../merge";
import type { openIdFaults, sayProjects, saySignIn } from "../pages";
import type { previewText } from "../preview";

export const signIn: Words<typeof saySignIn> = {
  title: "Bei Cutroom anmelden",
  intro: "Der Schneideraum für generierte Videos.",
  email: "E-Mail",
  password: "Passwort",
  name: "Dein Name",
  submit: "Anmelden",
  create: "Konto anlegen",
  toCreate: "Neu hier? Konto anlegen",
  toSignIn: "Schon ein Konto? Anmelden",
  with: (name) => `Mit ${name} anmelden`,
  joinWith: (name) => `Mit ${name} beitreten`,
  or: "oder",
  provider: "Der Anbieter",
  local: "Auf deinem eigenen Rechner: `cutroom link` gibt einen neuen Zugang aus.",
  shareTitle: "Du bist zu einem Projekt eingeladen",
  shareIntro: "Sag, wer du bist, damit die anderen deinen Namen an deinem Zeiger sehen.",
  shareSubmit: "Projekt öffnen",
  joinTitle: "Dem Team beitreten",
  forgot: "Passwort vergessen?",
  forgotTitle: "Ein neues Passwort bekommen",
  forgotIntro:
    "Sag, welche E-Mail dein Konto hat. Dorthin geht ein Link, um ein neues Passwort zu wählen.",
  forgotSubmit: "Link senden",
  forgotSent:
    "Wenn ein Konto diese E-Mail hat, ist der Link unterwegs. Er gilt 15 Minuten. Sieh auch im Spam nach.",
  back: "Zurück zur Anmeldung",
  resetTitle: "Neues Passwort wählen",
  resetIntro: "Es beendet jede Anmeldung deines Kontos. Danach meldest du dich damit an.",
  newPassword: "Neues Passwort",
  resetSubmit: "Passwort setzen",
  wrongLink: "Dieser Link gilt nicht mehr",
  wrongLinkMeaning:
    "Er wurde verbraucht, ist abgelaufen oder zurückgenommen. Bitte um einen neuen.",
  welcomeUsed: "Dieser Begrüßungslink wurde schon benutzt",
  welcomeUsedMeaning: "Starte Cutroom neu und öffne die Adresse, die es ausgibt.",
};

export const faults: Words<typeof openIdFaults> = {
  cancelled: (name) => `Du hast der Anmeldung bei ${name} nicht zugestimmt.`,
  closed: () =>
    "Konten gibt es hier nur mit Einladung. Öffne deine Einladung und melde dich dort an.",
  email: (name) =>
    `${name} bestätigt deine E-Mail-Adresse nicht. Bestätige sie dort und versuche es noch einmal.`,
  interrupted: () =>
    "Die Anmeldung dauerte zu lange oder wurde woanders begonnen. Versuche es noch einmal.",
  invitation: () =>
    "Diese Einladung wurde benutzt, ist abgelaufen oder gilt für eine andere E-Mail. Bitte um eine neue.",
  limited: () =>
    "Zu viele fehlgeschlagene Anmeldungen. Warte einige Minuten und versuche es noch einmal.",
  unavailable: (name) => `${name} antwortet nicht. Versuche es gleich noch einmal.`,
  untrusted: (name) =>
    `Die Antwort von ${name} ließ sich nicht prüfen. Versuche es noch einmal; bleibt es so, sag es denen, die diesen Server betreiben.`,
};

export const projects: Words<typeof sayProjects> = {
  title: "Projekte",
  create: "Neues Projekt",
  creating: "Wird angelegt",
  openSample: "Beispiel öffnen",
  empty: "Noch keine Projekte",
  emptyHint:
    "Ein Projekt enthält deine Clips und eine Zeitleiste, an der mehrere zusammen schneiden.",
  failed: "Die Projekte konnten nicht geladen werden",
  untitled: "Film ohne Titel",
  changed: (when) => `Geändert ${when}`,
  open: (name) => `${name} öffnen`,
  menu: (name) => `Mehr zu ${name}`,
  rename: "Umbenennen",
  delete: "Löschen",
  deleteTitle: (name) => `„${name}“ löschen?`,
  deleteMeaning:
    "Die Zeitleiste und ihr Verlauf gehen für alle verloren. Medien bleiben im Arbeitsbereich.",
  nameLabel: "Name des Projekts",
  save: "Sichern",
  search: "Projekte suchen",
  nothingFound: "Kein Projekt mit diesem Namen",
  signOut: "Abmelden",
  myAccount: "Dein Konto",
  team: (name) => `Personen und Tokens von ${name}`,
  account: "Konto",
  roles: {
    owner: "Inhaber",
    billing: "Abrechnung",
    editor: "Schnitt",
    commenter: "Kommentar",
    viewer: "Ansicht",
  },
};

export const preview: Words<typeof previewText> = {
  label: () => "Vorschau",
  picture: () => "Bild am Abspielkopf",
  empty: () =>
    "Noch ist nichts auf der Zeitleiste. Ziehe Video, Ton oder Bilder hierher oder sieh dir das Beispielprojekt an.",
  quality: {
    auto: () => "Qualität: automatisch",
    full: () => "Qualität: voll",
    half: () => "Qualität: halb",
  },
  scopes: {
    title: () => "Messbilder",
    waveform: () => "Wellenform",
    vectorscope: () => "Vektorskop",
    histogram: () => "Histogramm",
    luma: (low, high) => `Luma ${low}–${high} %`,
    close: () => "Messbilder schließen",
  },
};

export const saveState: Words<typeof saveStateText> = {
  loading: () => "Wird geöffnet ...",
  saving: () => "Wird gesichert ...",
  saved: (secondsAgo) => (secondsAgo === null ? "Gesichert" : `Gesichert · ${since(secondsAgo)}`),
  unsaved: () => "Noch nicht gesichert",
  offline: (edits) =>
    edits === 0
      ? "Offline"
      : `Offline · ${counted(edits, "Änderung", "Änderungen")} auf diesem Rechner`,
  reconnecting: () => "Verbindet neu",
  viewOnly: () => "Nur ansehen",
  noAccess: () => "Kein Zugang mehr",
  full: () => "Das Projekt ist voll",
  signedOut: () => "Bitte neu anmelden",
  unreadable: () => "Deine letzten Änderungen waren nicht lesbar",
  signIn: () => "Anmelden",
  download: () => "Herunterladen, was hier ist",
  reload: () => "Neu laden",
};

export const refusals: Words<typeof refusalText> = {
  not_found: "Diesen Clip gibt es nicht mehr.",
  track_locked: "Die Spur ist gesperrt.",
  sync_would_break:
    "Auf einer anderen Spur ist etwas im Weg. Nimm sie aus dem Synchronhalten, oder verschiebe es.",
  not_adjacent: "Die Clips berühren sich nicht.",
  no_handle: "Über diese Kante hinaus gibt es kein Material mehr.",
  too_short: "Kürzer als ein Bild kann ein Clip nicht werden.",
  stale: "Das hat inzwischen jemand geändert. Versuche es noch einmal.",
  bad_argument: "Diese Bearbeitung ist hier nicht möglich.",
};

export const problems: Words<typeof problemText> = {
  unreachable: () =>
    "Der Server ist nicht erreichbar. Deine Änderungen bleiben auf diesem Rechner.",
  retry: () => "Noch einmal versuchen",
  details: () => "Einzelheiten",
  trace: (id) => `Kennung ${id}`,
};

export const undo: Words<typeof undoText> = {
  skipped: (count) =>
    `${counted(count, "Änderung blieb", "Änderungen blieben")} stehen: jemand hat sie seither geändert.`,
  nothing: () => "Nichts mehr rückgängig zu machen",
};

export const times: Words<typeof sayTimes> = {
  now: "gerade eben",
  soon: "noch einige Sekunden",
  seconds: (count) => `noch etwa ${count} s`,
  minutes: (count) => `noch etwa ${count} min`,
};
