/** The screen's own state: what nobody else sees and nothing stores. The document is not in here. */
import { create } from "zustand";
import { type Flicks, flicks } from "@/timeline-core/time";
import { type Pixels, pixels } from "@/timeline-core/view";

export type Tool = "select" | "blade" | "slip" | "slide";
export type PanelTab = "media" | "text" | "audio" | "captions" | "comments";

/** What of the timeline is on screen: `from` at the left edge, `top` rows scrolled away. */
export interface View {
  readonly from: Flicks;
  readonly pixelsPerSecond: number;
  readonly top: Pixels;
  readonly width: Pixels;
}

/** In and out point; the out point is the first tick *not* shown. */
export interface Range {
  readonly from: Flicks | null;
  readonly to: Flicks | null;
}

export interface Stage {
  /** Id of the open sequence; null means the project's main sequence. */
  readonly sequence: string | null;
  readonly playhead: Flicks;
  readonly playing: boolean;
  /** Playing speed, -8 to 8; 1 is normal. */
  readonly shuttle: number;
  /** Ids of selected clips, in the order they were selected. */
  readonly selection: readonly string[];
  readonly tool: Tool;
  readonly snap: boolean;
  readonly ripple: boolean;
  readonly linked: boolean;
  readonly view: View;
  readonly range: Range;
  readonly tab: PanelTab;
  /** Awareness client id of the person followed, or null. */
  readonly following: number | null;
  readonly othersHidden: boolean;
  /** Id of the asset in the source monitor; null while it is closed. */
  readonly source: string | null;
  /** Play goes from in to out again and again. */
  readonly loop: boolean;
  /** Times to look at side by side instead of the playhead's picture: what a trim would show. */
  readonly trimView: TrimView | null;
}

/** One picture of a trim view: a clip's own picture at a time of the sequence, as it would be then. */
export interface TrimPicture {
  readonly label: "before" | "after" | "in" | "out";
  readonly asset: string;
  /** Ticks of the source. */
  readonly at: Flicks;
}

export interface TrimView {
  readonly pictures: readonly TrimPicture[];
}

export interface StageActions {
  /** Moves the playhead to a tick >= 0; ends following unless `followed`. */
  readonly seek: (at: Flicks, options?: { readonly followed?: boolean }) => void;
  readonly play: (shuttle?: number) => void;
  readonly pause: () => void;
  readonly select: (ids: readonly string[]) => void;
  readonly toggleSelected: (id: string) => void;
  readonly setTool: (tool: Tool) => void;
  readonly setView: (view: Partial<View>, options?: { readonly followed?: boolean }) => void;
  readonly setRange: (range: Partial<Range>) => void;
  readonly openSequence: (id: string | null) => void;
  readonly set: (
    part: Partial<
      Pick<
        Stage,
        | "snap"
        | "ripple"
        | "linked"
        | "tab"
        | "following"
        | "othersHidden"
        | "source"
        | "loop"
        | "trimView"
      >
    >,
  ) => void;
  /** Back to the start; when another project opens. */
  readonly reset: () => void;
}

const START: Stage = {
  sequence: null,
  playhead: flicks(0),
  playing: false,
  shuttle: 1,
  selection: [],
  tool: "select",
  snap: true,
  ripple: false,
  linked: true,
  view: { from: flicks(0), pixelsPerSecond: 60, top: pixels(0), width: pixels(0) },
  range: { from: null, to: null },
  tab: "media",
  following: null,
  othersHidden: false,
  source: null,
  loop: false,
  trimView: null,
};

export const useStage = create<Stage & StageActions>()((set) => ({
  ...START,
  seek: (at, { followed = false } = {}) =>
    set(({ following }) => ({
      playhead: flicks(Math.max(0, at)),
      following: followed ? following : null,
    })),
  play: (shuttle = 1) => set({ playing: true, shuttle }),
  pause: () => set({ playing: false, shuttle: 1 }),
  select: (ids) => set({ selection: [...new Set(ids)] }),
  toggleSelected: (id) =>
    set(({ selection }) => ({
      selection: selection.includes(id)
        ? selection.filter((selected) => selected !== id)
        : [...selection, id],
    })),
  setTool: (tool) => set({ tool }),
  setView: (part, { followed = false } = {}) =>
    set(({ view, following }) => ({
      view: { ...view, ...part },
      following: followed ? following : null,
    })),
  setRange: (part) => set(({ range }) => ({ range: { ...range, ...part } })),
  openSequence: (sequence) => set({ sequence, selection: [], playhead: flicks(0), playing: false }),
  set: (part) => set(part),
  reset: () => set(START),
}));
