/** What other panels know of the media panel: how media goes to the timeline, and the name of its list. */
import type { Asset } from "@/lib/api/types";
import type { DraggedAsset } from "@/lib/asset-drag";

export type Placing = "insert" | "overwrite" | "append";

export const assetsKey = (workspace: string) => ["assets", workspace] as const;

/** What of these can lie on a timeline: a look-up table changes clips and is none. */
export const draggedOf = (assets: readonly Asset[]): readonly DraggedAsset[] =>
  assets.flatMap(({ id, name, kind, facts }) =>
    kind === "lut"
      ? []
      : {
          id,
          name,
          kind,
          hasAudio: facts?.has_audio ?? kind === "audio",
          duration: facts?.duration ?? null,
        },
  );
