/** What a person switched at the preview of this tab: its quality, the scopes. */
import { create } from "zustand";
import type { Quality } from "./quality";

interface PreviewTools {
  readonly quality: Quality;
  readonly scopes: boolean;
  readonly set: (part: Partial<Pick<PreviewTools, "quality" | "scopes">>) => void;
}

export const usePreviewTools = create<PreviewTools>()((set) => ({
  quality: "auto",
  scopes: false,
  set: (part) => set(part),
}));
