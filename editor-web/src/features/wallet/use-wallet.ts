/** The wallet and its journal, kept true by what the server tells. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { findProject, getWallet, journalKey, listJournal, ordersKey } from "@/lib/api/credits";
import { listenToEvents } from "@/lib/api/events";
import { putWallet, walletKey } from "@/lib/api/wallet";
import { useServices } from "@/lib/services";

export function useWallet(workspace: string, enabled = true) {
  const { api } = useServices();
  return useQuery({
    queryKey: walletKey(workspace),
    queryFn: () => getWallet(api, workspace),
    enabled,
    refetchOnWindowFocus: true,
  });
}

export function useJournal(workspace: string) {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: journalKey(workspace),
    queryFn: ({ pageParam }) => listJournal(api, workspace, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchOnWindowFocus: true,
  });
}

/**
 * Listens to a project of the workspace, whichever: each of them is told of the wallet. Where there
 * is none, nothing spends, and what is bought asks by itself.
 */
export function useWalletEvents(workspace: string): void {
  const { api, env } = useServices();
  const queries = useQueryClient();
  const heard = useQuery({
    queryKey: ["project-to-hear", workspace],
    queryFn: () => findProject(api, workspace),
  }).data;
  useEffect(() => {
    if (!heard) return;
    return listenToEvents({
      url: `${env.apiUrl}/events?project=${heard}`,
      onEvent: (event) => {
        if (event.type === "reset") void queries.invalidateQueries();
        if (event.type !== "wallet") return;
        putWallet(queries, event.wallet);
        void queries.invalidateQueries({ queryKey: journalKey(workspace) });
        void queries.invalidateQueries({ queryKey: ordersKey(workspace) });
      },
    });
  }, [env, queries, heard, workspace]);
}
