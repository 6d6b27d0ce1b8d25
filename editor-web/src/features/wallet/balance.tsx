/** What a wallet holds, in numbers, and in words where nothing can be spent. */
import { FailedCall } from "@/components/ui/failed-call";
import { Skeleton, useLate } from "@/components/ui/states";
import { sayCredits as words } from "@/lib/messages/credits";
import { number } from "@/lib/messages/figures";
import { levelOf } from "./entries";
import { useWallet } from "./use-wallet";

export const Balance = ({ workspace }: { readonly workspace: string }) => {
  const query = useWallet(workspace);
  const late = useLate(query.isPending);
  if (query.isLoadingError)
    return (
      <FailedCall error={query.error} title={words.balance} onRetry={() => void query.refetch()} />
    );
  if (query.isPending) return late ? <Skeleton className="h-16" /> : null;
  const { available, held, debt } = query.data;
  const level = levelOf(query.data);
  return (
    <>
      <dl className="flex flex-wrap gap-3">
        <Sum name={words.available} credits={available} warn={level === "low"} />
        <Sum name={words.held} credits={held} />
        {debt > 0 && <Sum name={words.debt} credits={debt} warn />}
      </dl>
      {level !== "plenty" && (
        <p role="status" className="text-warn">
          {words.levels[level]}
        </p>
      )}
    </>
  );
};

type SumProps = { readonly name: string; readonly credits: number; readonly warn?: boolean };

const Sum = ({ name, credits, warn = false }: SumProps) => (
  <div className="min-w-32 flex-1 rounded-panel bg-panel px-4 py-3">
    <dt className="text-dense text-dim">{name}</dt>
    <dd
      className={`text-[20px] leading-7 font-semibold tabular-nums ${warn ? "text-warn" : "text-text"}`}
    >
      {number.format(credits)}
    </dd>
  </div>
);
