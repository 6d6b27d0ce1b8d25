/** Too few credits for a film: which pack is enough, and when it can go on. Pure. */
import type { Pack, Wallet } from "@/lib/api/types";

/** The smallest pack that covers so many credits; the biggest where none does. */
export function packFor(packs: readonly Pack[], missing: number): Pack | undefined {
  const sorted = [...packs].sort((one, other) => one.credits - other.credits);
  return sorted.find((pack) => pack.credits >= missing) ?? sorted.at(-1);
}

/** How many credits have to come in before `required` are there: debt is paid first. */
export const missingOf = (required: number, { available, debt }: Wallet): number =>
  Math.max(0, required - available) + debt;

/**
 * Whether an order that was refused can be given again: enough is there, by an entry after the
 * refusal, so that a wallet which is known too late never asks twice for one answer.
 */
export const canGoOn = (required: number, wallet: Wallet, refusedAt: number): boolean =>
  wallet.seq > refusedAt && !wallet.frozen && missingOf(required, wallet) === 0;
