/** The words of credits in German: the page that sells them, the journal, the pill. */
import type { sayCredits } from "../credits";
import { counted } from "../en";
import type { Words } from "../merge";

const many = (credits: number) => counted(credits, "Credit", "Credits");

export const credits: Words<typeof sayCredits> = {
  title: "Credits",
  testMoney: "Testgeld - hier wird nichts abgebucht",
  back: "Zurück zu den Projekten",
  packs: "Credits kaufen",
  orders: "Bestellungen",
  none: "Noch nichts gekauft",
  noneHint: "Was gekauft wurde, steht hier mit seiner Quittung.",
  many,
  buy: (credits, price) => `${many(credits)} für ${price} kaufen`,
  opening: "Die Kasse wird geöffnet...",
  closed: "Es wurde nichts bezahlt. Du kannst es noch einmal versuchen.",
  declined: (why) => `Die Zahlung wurde abgelehnt: ${why}`,
  confirming: "Die Zahlung wird bestätigt...",
  later: "Die Credits kommen dazu, sobald die Bank bestätigt.",
  credited: (credits) => `${many(credits)} hinzugefügt`,
  noScript: "Die Kasse konnte nicht geladen werden.",
  failed: "Das ließ sich nicht kaufen",
  receipt: (order, payment) => `Quittung ${order} · Zahlung ${payment}`,
  invoice: (number) => `Rechnung ${number}`,
  giveBack: (credits) => `${many(credits)} zurückgeben`,
  givenBack: "Das Geld ist auf dem Weg zurück.",
  refused: "Das ließ sich nicht zurückgeben",
  state: {
    new: "Noch nicht gesendet",
    created: "Nicht bezahlt",
    attempted: "Wartet auf die Bank",
    paid: "Bezahlt",
    partly_refunded: "Teilweise zurückgegeben",
    refunded: "Zurückgegeben",
    review: "Wird geprüft",
    expired: "Abgelaufen",
  },
  balance: "Guthaben",
  available: "Verfügbar",
  held: "Für Exporte zurückgelegt",
  debt: "Geschuldet",
  levels: {
    frozen: "Eine Zahlung wird bestritten. Bis das geklärt ist, kann nichts ausgegeben werden.",
    owed: "Es werden Credits geschuldet. Was als Nächstes gekauft wird, bezahlt sie zuerst.",
    low: "Es sind nur noch wenige Credits da.",
  },
  askOwner: "Wem der Arbeitsbereich gehört, kauft Credits und sieht das Journal.",
  journal: "Journal",
  noEntries: "Noch hat sich nichts bewegt",
  noEntriesHint: "Was gekauft, zurückgelegt und ausgegeben wird, steht hier Zeile für Zeile.",
  columns: {
    what: "Was geschah",
    change: "Änderung",
    held: "Zurückgelegt",
    after: "Danach verfügbar",
  },
  earlier: "Frühere zeigen",
  toOrder: "Die Bestellung",
  did: (kind, about, amount) => {
    const refund = about === "refund";
    if (kind === "grant")
      return `${amount} ${about === "account" ? "zur Begrüßung " : ""}geschenkt`;
    if (kind === "purchase") return `${amount} gekauft`;
    if (kind === "clawback") return `${amount} zurückgenommen, da ihr Geld zurückging`;
    if (kind === "hold")
      return `${amount} ${refund ? "zur Rückgabe" : "für einen Export"} zurückgelegt`;
    if (kind === "capture") return `${amount} für einen Export ausgegeben`;
    if (kind === "release")
      return `${amount} wieder da, ${refund ? "nicht zurückgegeben" : "nicht ausgegeben"}`;
    return `${amount} von Hand berichtigt`;
  },
  owed: (amount, paid) => (paid ? `(${amount} für Geschuldetes)` : `(${amount} geschuldet)`),
  pillHint: "Credits, in einem neuen Tab",
  pill: {
    low: (available) => `${available}, bald verbraucht`,
    owed: (_available, debt) => `${debt} geschuldet`,
    frozen: () => "Credits eingefroren",
    plenty: (available) => available,
  },
};
