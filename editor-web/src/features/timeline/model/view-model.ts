/**
 * What the timeline draws and hits: plain values made from records, never the records themselves.
 * Tracks stand as on screen, top to bottom; the clips of a track are sorted by (start, id), so a
 * window of time is a binary search and the later clip covers the earlier one, as resolve says.
 */
import type { Flicks } from "@/timeline-core/time";

export type ClipTone =
  | "video"
  | "audio"
  | "title"
  | "caption"
  | "adjustment"
  | "sequence"
  | "missing"
  | "unknown";

export type TrackKind = "video" | "audio" | "caption";

/** A line of a captions clip; `start` counts from the clip's head. */
export type CueView = {
  readonly id: string;
  readonly start: Flicks;
  readonly duration: Flicks;
  readonly text: string;
};

export type ClipView = {
  readonly id: string;
  readonly track: string;
  readonly kind: string;
  readonly tone: ClipTone;
  readonly start: Flicks;
  readonly duration: Flicks;
  readonly sourceIn: Flicks;
  readonly speed: readonly [number, number];
  readonly asset: string | null;
  readonly link: string;
  readonly group: string;
  /** The sequence that a nested clip shows. */
  readonly nested: string | null;
  readonly label: string;
  readonly enabled: boolean;
  readonly fadeIn: Flicks;
  readonly fadeOut: Flicks;
  readonly badge: "missing" | "pending" | "failed" | "landed" | null;
  /** Lines by their start; only captions clips have any. */
  readonly cues: readonly CueView[];
};

export type TransitionView = {
  readonly id: string;
  readonly track: string;
  readonly kind: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly at: Flicks;
  readonly inOffset: Flicks;
  readonly outOffset: Flicks;
};

export type TrackView = {
  readonly id: string;
  readonly kind: TrackKind;
  readonly name: string;
  readonly locked: boolean;
  readonly muted: boolean;
  readonly solo: boolean;
  readonly enabled: boolean;
  readonly syncLock: boolean;
  readonly clips: readonly ClipView[];
  readonly transitions: readonly TransitionView[];
};

export type MarkerView = {
  readonly id: string;
  readonly at: Flicks;
  readonly duration: Flicks;
  readonly kind: string;
  readonly name: string;
  readonly color: string;
};

/** A thread of comments on the ruler. */
export type PinView = {
  readonly id: string;
  readonly at: Flicks;
  readonly duration: Flicks;
  readonly shown: boolean;
};

export type SequenceName = { readonly id: string; readonly name: string; readonly main: boolean };

export type TimelineView = {
  readonly sequence: string;
  /** The open sequence and the others of the project, in their order. */
  readonly sequences: readonly SequenceName[];
  readonly size: { readonly width: number; readonly height: number };
  readonly rate: { readonly num: number; readonly den: number };
  readonly startTc: Flicks;
  readonly duration: Flicks;
  readonly tracks: readonly TrackView[];
  readonly markers: readonly MarkerView[];
};

export const endOf = (clip: { start: Flicks; duration: Flicks }): Flicks =>
  (clip.start + clip.duration) as Flicks;

/** The first index whose clip starts after `at`. */
export function upperBound(clips: readonly ClipView[], at: number): number {
  let low = 0;
  let high = clips.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((clips[half] as ClipView).start <= at) low = half + 1;
    else high = half;
  }
  return low;
}

const longestByTrack = new WeakMap<readonly ClipView[], number>();

/** How far back a clip that reaches into a window may start; counted once for each array. */
function longestClip(clips: readonly ClipView[]): number {
  const known = longestByTrack.get(clips);
  if (known !== undefined) return known;
  let longest = 0;
  for (const clip of clips) longest = Math.max(longest, clip.duration);
  longestByTrack.set(clips, longest);
  return longest;
}

/** The index range [first, last) of clips that may touch the window `from`..`to`. */
export function windowOf(clips: readonly ClipView[], from: number, to: number): [number, number] {
  return [upperBound(clips, from - longestClip(clips) - 1), upperBound(clips, to)];
}

/** The topmost clip at a time: the greatest (start, id) that covers it. */
export function clipAt(track: TrackView, at: number): ClipView | null {
  const [first, last] = windowOf(track.clips, at, at);
  for (let index = last - 1; index >= first; index -= 1) {
    const clip = track.clips[index] as ClipView;
    if (clip.start <= at && endOf(clip) > at) return clip;
  }
  return null;
}

/** The empty stretch around a time, or null where a clip is or nothing follows. */
export function gapAt(
  track: TrackView,
  at: number,
): { readonly start: Flicks; readonly end: Flicks } | null {
  if (clipAt(track, at)) return null;
  let start = 0;
  let end = Number.POSITIVE_INFINITY;
  for (const clip of track.clips) {
    if (endOf(clip) <= at) start = Math.max(start, endOf(clip));
    else if (clip.start > at) end = Math.min(end, clip.start);
  }
  return Number.isFinite(end) ? { start: start as Flicks, end: end as Flicks } : null;
}

export function findClip(view: TimelineView, id: string): ClipView | null {
  for (const track of view.tracks) {
    const found = track.clips.find((clip) => clip.id === id);
    if (found) return found;
  }
  return null;
}

export const allClips = (view: TimelineView): readonly ClipView[] =>
  view.tracks.flatMap((track) => track.clips);

/** Every time where something begins or ends on the given tracks, sorted, each once. */
export function cutsOf(tracks: readonly TrackView[]): readonly Flicks[] {
  const times = new Set<number>();
  for (const track of tracks) {
    for (const clip of track.clips) {
      times.add(clip.start);
      times.add(endOf(clip));
    }
  }
  return [...times].sort((left, right) => left - right) as Flicks[];
}

/** A selection with every clip that shares a link set or a group with it; what was named comes first. */
export function withLinks(view: TimelineView, ids: Iterable<string>): readonly string[] {
  const wanted = new Set(ids);
  const clips = allClips(view);
  for (const set of ["group", "link"] as const) {
    const values = new Set<string>();
    for (const clip of clips) if (wanted.has(clip.id) && clip[set] !== "") values.add(clip[set]);
    for (const clip of clips) if (values.has(clip[set])) wanted.add(clip.id);
  }
  const known = new Set(clips.map((clip) => clip.id));
  return [...wanted].filter((id) => known.has(id));
}

/** The clips of one track from one selected clip to another, both included. */
export function rangeBetween(
  view: TimelineView,
  anchor: string,
  target: string,
): readonly string[] {
  const track = view.tracks.find((row) => row.clips.some((clip) => clip.id === target));
  const first = track?.clips.findIndex((clip) => clip.id === anchor) ?? -1;
  const last = track?.clips.findIndex((clip) => clip.id === target) ?? -1;
  if (!track || first < 0) return [target];
  return track.clips.slice(Math.min(first, last), Math.max(first, last) + 1).map((clip) => clip.id);
}
