/** The words of credits: the page that sells them, the journal, the pill in the top bar. */
import { counted } from "./en";
import { number } from "./figures";
import { localized } from "./language";

const rupees = localized((locale) => (locale === "en" ? "en-IN" : locale));

const many = (credits: number) => counted(credits, "credit", "credits");

type EntryKind = "grant" | "purchase" | "clawback" | "hold" | "capture" | "release" | "adjust";

export const sayCredits = {
  title: "Credits",
  testMoney: "Test money - nothing here is charged",
  back: "Back to projects",
  packs: "Buy credits",
  orders: "Orders",
  none: "Nothing bought yet",
  noneHint: "What is bought is listed here, with its receipt.",
  many,
  money: (minor: number, currency: string): string =>
    new Intl.NumberFormat(rupees(), { style: "currency", currency }).format(minor / 100),
  buy: (credits: number, price: string) => `Buy ${many(credits)} for ${price}`,
  opening: "Opening checkout...",
  closed: "Nothing was paid. You can try again.",
  declined: (why: string) => `The payment was declined: ${why}`,
  confirming: "Confirming the payment...",
  later: "Credits are added when the bank confirms.",
  credited: (credits: number) => `${many(credits)} added`,
  noScript: "Checkout could not be loaded.",
  failed: "That could not be bought",
  receipt: (order: string, payment: string) => `Receipt ${order} · payment ${payment}`,
  invoice: (number: string) => `Invoice ${number}`,
  giveBack: (credits: number) => `Give back ${many(credits)}`,
  givenBack: "The money is on its way back.",
  refused: "That could not be given back",
  state: {
    new: "Not sent yet",
    created: "Not paid",
    attempted: "Waiting for the bank",
    paid: "Paid",
    partly_refunded: "Partly given back",
    refunded: "Given back",
    review: "Being looked at",
    expired: "Expired",
  },
  balance: "Balance",
  available: "Available",
  held: "Set aside for exports",
  debt: "Owed",
  levels: {
    frozen: "A payment is in dispute. Nothing can be spent until it is settled.",
    owed: "Credits are owed. What is bought next pays for them first.",
    low: "Few credits are left.",
  },
  askOwner: "An owner of the workspace buys credits and sees the journal.",
  journal: "Journal",
  noEntries: "Nothing has moved yet",
  noEntriesHint: "What is bought, set aside and spent is written here, line by line.",
  columns: { what: "What happened", change: "Change", held: "Set aside", after: "Available after" },
  earlier: "Show earlier ones",
  toOrder: "The order",
  signed: (credits: number) =>
    credits === 0 ? "0" : `${credits > 0 ? "+" : "−"}${number.format(Math.abs(credits))}`,
  did: (kind: EntryKind, about: string, credits: string): string => {
    const refund = about === "refund";
    if (kind === "grant") return `${credits} given${about === "account" ? " as a welcome" : ""}`;
    if (kind === "purchase") return `${credits} bought`;
    if (kind === "clawback") return `${credits} taken back, as their money went back`;
    if (kind === "hold")
      return `${credits} set aside ${refund ? "to be given back" : "for an export"}`;
    if (kind === "capture") return `${credits} spent on an export`;
    if (kind === "release")
      return `${credits} returned, ${refund ? "not given back" : "not spent"}`;
    return `${credits} put right by hand`;
  },
  owed: (credits: string, paid: boolean) =>
    paid ? `(${credits} paid what was owed)` : `(${credits} owed)`,
  pillHint: "Credits, in a new tab",
  pill: {
    plenty: (available: string, _debt: string) => available,
    low: (available: string, _debt: string) => `${available}, running low`,
    owed: (_available: string, debt: string) => `${debt} owed`,
    frozen: (_available: string, _debt: string) => "Credits frozen",
  },
} as const;
