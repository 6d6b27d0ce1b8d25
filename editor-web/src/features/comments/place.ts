/** Where a thread stands on the open sequence, and where a new one would: pure. */
import type { NewThread, Thread } from "@/lib/api/types";
import { type Flicks, flicks } from "@/timeline-core/time";

/** What of a clip a pin needs; times in ticks of the sequence. */
export type PinClip = {
  readonly id: string;
  readonly start: number;
  readonly duration: number;
  readonly sourceIn: number;
  readonly speed: readonly [number, number];
};

export type ThreadPlace = { readonly at: Flicks; readonly duration: Flicks };

/** Null where the thread belongs to another sequence, or its clip is not there or trimmed away. */
export function placeOf(
  thread: Pick<Thread, "sequence" | "clip" | "t" | "duration">,
  open: { readonly sequence: string; readonly main: string },
  clip: (id: string) => PinClip | null,
): ThreadPlace | null {
  if (thread.clip === null) {
    if ((thread.sequence ?? open.main) !== open.sequence) return null;
    return { at: flicks(thread.t), duration: flicks(thread.duration) };
  }
  const found = clip(thread.clip);
  if (!found) return null;
  const [num, den] = found.speed;
  if (num === 0) return { at: flicks(found.start), duration: flicks(0) };
  const at = found.start + Math.round(((thread.t - found.sourceIn) * den) / num);
  if (at < found.start || at >= found.start + found.duration) return null;
  const left = found.start + found.duration - at;
  const duration = Math.min(left, Math.round((thread.duration * den) / Math.abs(num)));
  return { at: flicks(at), duration: flicks(duration) };
}

type Range = { readonly from: Flicks | null; readonly to: Flicks | null };

/** The in/out range where both are set and the playhead is inside it, else the playhead. */
export function momentOf(playhead: Flicks, range: Range): ThreadPlace {
  const { from, to } = range;
  if (from === null || to === null || to <= from || playhead < from || playhead > to) {
    return { at: playhead, duration: flicks(0) };
  }
  return { at: from, duration: flicks(to - from) };
}

/** Anchored to the sequence, or to a clip's own time, so that it moves with the clip. */
export function anchorOf(
  place: ThreadPlace,
  sequence: string,
  clip: PinClip | null,
): Pick<NewThread, "t" | "duration" | "sequence" | "clip"> {
  if (!clip) return { t: place.at, duration: place.duration, sequence, clip: null };
  const [num, den] = clip.speed;
  const t = clip.sourceIn + Math.round(((place.at - clip.start) * num) / den);
  const duration = Math.round((place.duration * Math.abs(num)) / den);
  return { t: Math.max(0, t), duration, sequence, clip: clip.id };
}

/** "@an" before the caret: what is being mentioned; null where nothing is. */
export function mentionAt(text: string, caret: number): { from: number; sought: string } | null {
  const found = /(?:^|\s)@([^\s@]{0,40})$/.exec(text.slice(0, caret));
  if (!found) return null;
  const sought = found[1] ?? "";
  return { from: caret - sought.length - 1, sought };
}

/** The people of whom "@Name" stands in the text. */
export const mentioned = (
  text: string,
  people: readonly { readonly id: string; readonly name: string }[],
): string[] => [
  ...new Set(people.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id)),
];
