/** Entries of the journal as people read them: pure. */
import type { JournalEntry } from "@/lib/api/types";

type Account = JournalEntry["postings"][number]["account"];

/** What an entry did to one account; 0 where it left it alone. */
export const movedIn = ({ postings }: JournalEntry, account: Account): number =>
  postings.find((posting) => posting.account === account)?.amount ?? 0;

/** How many credits an entry is about, never negative. */
export function sizeOf(entry: JournalEntry): number {
  const ours = movedIn(entry, "available") + movedIn(entry, "debt");
  switch (entry.kind) {
    case "hold":
      return movedIn(entry, "held");
    case "capture":
      return movedIn(entry, "spent");
    case "release":
      return -movedIn(entry, "held");
    default:
      return Math.abs(ours);
  }
}

/** Where an entry belongs to: an export, an order of this page, or neither. */
export function placeOf({ ref }: JournalEntry): "export" | "order" | "refund" | null {
  if (ref.kind === "export") return "export";
  if (ref.kind === "credit_order") return "order";
  return ref.kind === "refund" ? "refund" : null;
}

export const LOW_CREDITS = 100;

export type Level = "frozen" | "owed" | "low" | "plenty";

/** What there is to say about a wallet, the worst first. */
export function levelOf(wallet: {
  readonly available: number;
  readonly debt: number;
  readonly frozen: boolean;
}): Level {
  if (wallet.frozen) return "frozen";
  if (wallet.debt > 0) return "owed";
  return wallet.available < LOW_CREDITS ? "low" : "plenty";
}
