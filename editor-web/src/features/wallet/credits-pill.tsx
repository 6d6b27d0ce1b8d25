/** What is left to spend, in the top bar; the way to the page that sells more. */
import { Coins } from "lucide-react";
import { sayCredits as words } from "@/lib/messages/credits";
import { useRested } from "@/lib/use-rested";
import { levelOf } from "./entries";
import { useWallet } from "./use-wallet";

/** Nothing where the wallet is none of the caller's business. */
export const CreditsPill = ({ workspace }: { readonly workspace: string }) => {
  const rested = useRested();
  const wallet = useWallet(workspace, rested).data;
  if (wallet === undefined) return null;
  const level = levelOf(wallet);
  return (
    // A document of its own: only that page may load what takes the money.
    <a
      href={`/w/${workspace}/credits`}
      target="_blank"
      rel="noopener"
      title={words.pillHint}
      className={`inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-dense tabular-nums hover:bg-hover ${level === "plenty" ? "border-divider text-dim hover:text-text" : "border-warn/60 text-warn"}`}
    >
      <Coins size={14} aria-hidden="true" />
      {words.pill[level](words.many(wallet.available), words.many(wallet.debt))}
    </a>
  );
};
