/** What other panels know of the media panel: how media goes to the timeline, and the name of its list. */
import type { Asset } from "@/lib/api/types";
import type { DraggedAsset } from "@/lib/asset-drag";

export type Placing = "insert" | "overwrite" | "append";

export const assetsKey = (workspace: string) => ["assets", workspace] as const;

export const draggedOf = (asset: Asset): DraggedAsset => ({
  id: asset.id,
  name: asset.name,
  kind: asset.kind,
  hasAudio: asset.facts?.has_audio ?? asset.kind === "audio",
  duration: asset.facts?.duration ?? null,
});
