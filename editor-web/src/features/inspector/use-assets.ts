/** What the workspace has to choose from. */
import { useQuery } from "@tanstack/react-query";
import { listAssets } from "@/lib/api/assets";
import type { Asset, AssetKind } from "@/lib/api/types";
import { useServices } from "@/lib/services";

const PAGES_MAX = 10;

/** The usable assets of these kinds, the newest first. */
export function useAssets(workspace: string, kinds: readonly AssetKind[]): readonly Asset[] {
  const { api } = useServices();
  const query = useQuery({
    queryKey: ["assets", workspace, "choice"],
    queryFn: async () => {
      const found: Asset[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const { items, next_cursor } = await listAssets(api, workspace, cursor);
        found.push(...items);
        if (!next_cursor) break;
        cursor = next_cursor;
      }
      return found;
    },
    staleTime: 5_000,
  });
  return (query.data ?? []).filter(({ kind, state }) => kinds.includes(kind) && state !== "failed");
}
