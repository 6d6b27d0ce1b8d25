/** The price before the click, the click, and going on by itself when credits were missing. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { askPrice, getWallet } from "@/lib/api/credits";
import type { ExportRequest, Quote, Wallet } from "@/lib/api/types";
import { walletKey } from "@/lib/api/wallet";
import { newId } from "@/lib/ids";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { canGoOn, missingOf } from "./shortfall";
import { useStartExport } from "./use-exports";

const QUOTE_MS = 10 * 60_000; // a quote is good for 15 minutes

/** The order that waits for credits: its key names the click, so it is given once. */
interface Waiting {
  readonly order: ExportRequest;
  readonly key: string;
  readonly refusedAt: number;
}

export interface PaidExport {
  readonly quote: Quote | undefined;
  readonly wallet: Wallet | undefined;
  readonly pricing: boolean;
  readonly starting: boolean;
  readonly waiting: boolean;
  /** What went wrong, unless it is that credits are missing. */
  readonly error: Error | null;
  readonly start: () => void;
  /** Gives the order as soon as enough credits come in. */
  readonly wait: () => void;
}

/** The wallet cannot pay what is quoted. */
export const isShort = ({ quote, wallet }: Pick<PaidExport, "quote" | "wallet">): boolean =>
  quote !== undefined &&
  wallet !== undefined &&
  (wallet.frozen || missingOf(quote.credits, wallet) > 0);

const statusOf = (cause: unknown): number =>
  cause instanceof ProblemError ? cause.problem.status : 0;

/** `order` is null while nothing can be ordered. */
export function usePaidExport(
  project: string,
  workspace: string,
  order: ExportRequest | null,
  onStarted: () => void,
): PaidExport {
  const { api } = useServices();
  const queries = useQueryClient();
  const given = useStartExport(project);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const quoteKey = ["quote", project, order] as const;
  const asked = useQuery({
    queryKey: quoteKey,
    queryFn: () => askPrice(api, project, order as ExportRequest),
    enabled: order !== null,
    staleTime: QUOTE_MS,
    gcTime: 0,
  });
  const quote = asked.data;
  const wallet = useQuery({
    queryKey: walletKey(workspace),
    queryFn: () => getWallet(api, workspace),
  }).data;

  const give = (wanted: ExportRequest, key: string) =>
    given.mutate(
      { ...wanted, key },
      {
        onSuccess: onStarted,
        onError: (cause) => {
          if (statusOf(cause) === 402)
            setWaiting({ order: wanted, key, refusedAt: wallet?.seq ?? 0 });
          if (statusOf(cause) !== 402 && statusOf(cause) !== 409) return;
          void queries.invalidateQueries({ queryKey: quoteKey });
          void queries.invalidateQueries({ queryKey: walletKey(workspace) });
        },
      },
    );
  const start = () => {
    if (order) give({ ...order, ...(quote ? { quote: quote.id } : {}) }, newId());
  };
  const wait = () => {
    if (order) setWaiting({ order, key: newId(), refusedAt: wallet?.seq ?? 0 });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: goes on once for each state of the wallet
  useEffect(() => {
    if (!waiting || !quote || !wallet || given.isPending) return;
    if (!canGoOn(quote.credits, wallet, waiting.refusedAt)) return;
    setWaiting(null);
    give(waiting.order, waiting.key);
  }, [waiting, quote, wallet]);

  return {
    quote,
    wallet,
    pricing: order !== null && asked.isPending,
    starting: given.isPending,
    waiting: waiting !== null,
    error: statusOf(given.error) === 402 && isShort({ quote, wallet }) ? null : given.error,
    start,
    wait,
  };
}
