/** Files dropped in: uploaded, listed, and where they fell on the timeline, put there. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { assetsKey } from "@/features/media/placing";
import { assetQuery } from "@/lib/api/assets";
import type { Asset } from "@/lib/api/types";
import { useServices } from "@/lib/services";
import type { Flicks } from "@/timeline-core/time";

type Landing = { readonly at: Flicks; readonly track: string | null };

/** Answers a function that takes files, and a place on the timeline or null for the list only. */
export function useFilesLanding(
  workspace: string,
  onLanded: (assets: readonly Asset[], where: Landing) => void,
): (files: readonly File[], where: Landing | null) => void {
  const { uploads, env, loader } = useServices();
  const queries = useQueryClient();
  const waiting = useRef(new Map<string, Landing>());
  const seen = useRef(new Set<string>());
  const newest = useRef(onLanded);
  newest.current = onLanded;
  useEffect(() => {
    const look = (): void => {
      for (const { id, state, asset } of uploads.list()) {
        if (state !== "done" || asset === null || seen.current.has(id)) continue;
        seen.current.add(id);
        void queries.invalidateQueries({ queryKey: assetsKey(workspace) });
        const where = waiting.current.get(id);
        if (!where) continue;
        waiting.current.delete(id);
        void untilKnown(() =>
          queries.fetchQuery({ ...assetQuery(loader, asset), staleTime: 0 }),
        ).then((known) => known && newest.current([known], where));
      }
    };
    look();
    return uploads.subscribe(look);
  }, [uploads, queries, loader, workspace]);
  return (files, where) => {
    const ids = uploads.add(files, { apiUrl: env.apiUrl, workspace });
    if (where) for (const id of ids) waiting.current.set(id, where);
  };
}

const LOOKS_MAX = 40;
const LOOK_MS = 500;

/** The asset once its length is known: a clip needs one, and nobody should have to type it. */
async function untilKnown(look: () => Promise<Asset | null>): Promise<Asset | null> {
  for (let tries = 0; tries < LOOKS_MAX; tries += 1) {
    const asset = await look();
    if (!asset || asset.state === "failed") return null;
    if (asset.facts) return asset;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}
