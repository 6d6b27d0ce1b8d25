/** What only this timeline's screen keeps: the chosen gap, row heights, the open menu. */
import { create } from "zustand";
import type { RowHeight } from "./model/rows";
import type { Gap } from "./timeline-canvas";

const HEIGHTS_KEY = "cutroom:track-heights";
const HEIGHTS: ReadonlySet<unknown> = new Set([28, 56, 96]);

type TimelineUi = {
  readonly gap: Gap | null;
  readonly heights: ReadonlyMap<string, RowHeight>;
  readonly selectGap: (gap: Gap | null) => void;
  readonly setHeight: (track: string, height: RowHeight) => void;
};

function rememberedHeights(): ReadonlyMap<string, RowHeight> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(HEIGHTS_KEY) ?? "{}");
    const entries = Object.entries(stored as Record<string, RowHeight>);
    return new Map(entries.filter(([, height]) => HEIGHTS.has(height)));
  } catch {
    return new Map(); // damaged by hand: every row has its usual height again
  }
}

export const useTimelineUi = create<TimelineUi>()((set, get) => ({
  gap: null,
  heights: rememberedHeights(),
  selectGap: (gap) => set({ gap }),
  setHeight: (track, height) => {
    const heights = new Map(get().heights).set(track, height);
    localStorage.setItem(HEIGHTS_KEY, JSON.stringify(Object.fromEntries(heights)));
    set({ heights });
  },
}));
