/** The clips of the whole film as bars: what is thinner than a pixel joins its neighbour. */
import type { ClipTone, TimelineView } from "./view-model";

export type MinimapBar = {
  readonly row: number;
  readonly tone: ClipTone;
  readonly x: number;
  readonly width: number;
};

const JOIN_BELOW = 2; // pixels: bars narrower than this and their gap could not be told apart

/** Bars for all clips of all tracks, by rows; `perTick` is pixels a tick. */
export function minimapBars(view: TimelineView, perTick: number): readonly MinimapBar[] {
  const bars: MinimapBar[] = [];
  view.tracks.forEach((track, row) => {
    let open: { tone: ClipTone; from: number; to: number; joins: boolean } | null = null;
    const close = (): void => {
      if (!open) return;
      // A pixel stays free behind a clip that is wide enough to be seen alone.
      const width = Math.max(1, open.to - open.from - (open.joins ? 0 : 1));
      bars.push({ row, tone: open.tone, x: open.from, width });
    };
    for (const clip of track.clips) {
      const from = clip.start * perTick;
      const to = from + clip.duration * perTick;
      const joins = to - from < JOIN_BELOW;
      if (open?.joins && joins && open.tone === clip.tone && from - open.to < 1) {
        open.to = Math.max(open.to, to);
        continue;
      }
      close();
      open = { tone: clip.tone, from, to, joins };
    }
    close();
  });
  return bars;
}
