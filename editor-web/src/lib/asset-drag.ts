/** What is being dragged from a list: the browser hides a drag's data until the drop. */
import { create } from "zustand";

export const ASSET_DRAG_TYPE = "application/x-cutroom-assets";
export const TRANSITION_DRAG_TYPE = "application/x-cutroom-transition";

export type DraggedAsset = {
  readonly id: string;
  readonly name: string;
  readonly kind: "video" | "audio" | "image";
  readonly hasAudio: boolean;
  /** Ticks; null for stills and where nobody knows yet. */
  readonly duration: number | null;
};

const STILL_TICKS = 3_528_000_000; // a still stands for five seconds

/** How long the clip of an asset is, in ticks. */
export const lengthOf = (asset: Pick<DraggedAsset, "duration">): number =>
  asset.duration ?? STILL_TICKS;

/** A kind of transition on its way to a cut. */
export type DraggedTransition = { readonly kind: string };

type AssetDrag = {
  readonly transition: DraggedTransition | null;
  readonly assets: readonly DraggedAsset[];
  readonly begin: (assets: readonly DraggedAsset[]) => void;
  readonly beginTransition: (transition: DraggedTransition) => void;
  readonly end: () => void;
};

export const useAssetDrag = create<AssetDrag>()((set) => ({
  transition: null,
  assets: [],
  begin: (assets) => set({ assets, transition: null }),
  beginTransition: (transition) => set({ transition, assets: [] }),
  end: () => set({ assets: [], transition: null }),
}));
