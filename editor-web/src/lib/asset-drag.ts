/** What is being dragged from the media list: the browser hides a drag's data until the drop. */
import { create } from "zustand";

export const ASSET_DRAG_TYPE = "application/x-cutroom-assets";

export type DraggedAsset = {
  readonly id: string;
  readonly name: string;
  readonly kind: "video" | "audio" | "image";
  readonly hasAudio: boolean;
  /** Ticks; null for stills and where nobody knows yet. */
  readonly duration: number | null;
};

type AssetDrag = {
  readonly assets: readonly DraggedAsset[];
  readonly begin: (assets: readonly DraggedAsset[]) => void;
  readonly end: () => void;
};

export const useAssetDrag = create<AssetDrag>()((set) => ({
  assets: [],
  begin: (assets) => set({ assets }),
  end: () => set({ assets: [] }),
}));
