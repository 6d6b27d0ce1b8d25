/** Where the rows of the timeline lie, in pixels from the top of the scrolled content. */
import type { TimelineView, TrackKind, TrackView } from "./view-model";

export type RowHeight = 28 | 56 | 96;

export type Row = {
  readonly track: TrackView;
  readonly top: number;
  readonly height: number;
};

export type Rows = { readonly rows: readonly Row[]; readonly height: number };

export const RULER_HEIGHT = 28;
export const MINIMAP_HEIGHT = 12;
const ROW_GAP = 2;
const KIND_GAP = 6; // a wider seam between pictures and sound
const EDGE_ROOM = 14; // above and below: room to drop a clip onto a new track

const USUAL_HEIGHT: Record<TrackKind, RowHeight> = { caption: 28, video: 56, audio: 56 };

export function layOut(view: TimelineView, heights: ReadonlyMap<string, RowHeight>): Rows {
  const rows: Row[] = [];
  let top = EDGE_ROOM;
  let before: TrackKind | null = null;
  for (const track of view.tracks) {
    if (before !== null)
      top += (before === "audio") === (track.kind === "audio") ? ROW_GAP : KIND_GAP;
    const height = heights.get(track.id) ?? USUAL_HEIGHT[track.kind];
    rows.push({ track, top, height });
    top += height;
    before = track.kind;
  }
  return { rows, height: top + EDGE_ROOM };
}

export const rowOf = (rows: Rows, track: string): Row | null =>
  rows.rows.find((row) => row.track.id === track) ?? null;

/** The row under a content y; seams belong to the row above them. */
export function rowAt(rows: Rows, y: number): Row | null {
  let found: Row | null = null;
  for (const row of rows.rows) {
    if (row.top > y) break;
    found = row;
  }
  return found && y < found.top + found.height + KIND_GAP ? found : null;
}

/** The row nearest to a content y, for drags that leave the rows. */
export function nearestRow(rows: Rows, y: number): Row | null {
  const under = rowAt(rows, y);
  if (under) return under;
  const first = rows.rows[0] ?? null;
  return first && y < first.top ? first : (rows.rows.at(-1) ?? null);
}
