/** More of what keys and the palette mean, as commands of the core: ranges, sets of clips, retimes, tracks. Pure. */
import type { Command } from "@/timeline-core/commands";
import { type Flicks, type Frames, flicks, frame, tick } from "@/timeline-core/time";
import type { Choice } from "./edit-commands";
import {
  allClips,
  type ClipView,
  clipAt,
  endOf,
  type TimelineView,
  type TrackView,
} from "./model/view-model";

type Stretch = { readonly from: Flicks | null; readonly to: Flicks | null };

const FREEZE_SECONDS = 2;

export const selectedOf = ({ view, selection }: Choice): readonly ClipView[] => {
  const chosen = new Set(selection);
  return allClips(view).filter((clip) => chosen.has(clip.id));
};

/** What is selected, else what the topmost unlocked picture track shows at the playhead. */
export function meantClips(choice: Choice): readonly ClipView[] {
  const chosen = selectedOf(choice);
  if (chosen.length > 0) return chosen;
  const { view, playhead } = choice;
  const open = view.tracks.filter((track) => !track.locked && track.kind !== "caption");
  const rank = (track: TrackView): number => (track.kind === "video" ? 0 : 1);
  for (const track of [...open].sort((left, right) => rank(left) - rank(right))) {
    const clip = clipAt(track, playhead);
    if (clip) return [clip];
  }
  return [];
}

const idsOf = (clips: readonly ClipView[]): string[] => clips.map((clip) => clip.id);

/** In to out; an open side is the film's own end. Null where that is nothing. */
export function rangeOf(
  view: TimelineView,
  range: Stretch,
): { start: number; duration: number } | null {
  if (range.from === null && range.to === null) return null;
  const start = range.from ?? 0;
  const duration = (range.to ?? view.duration) - start;
  return duration > 0 ? { start, duration } : null;
}

export function rangeCommands(
  choice: Choice,
  range: Stretch,
  op: "lift" | "remove_range",
): readonly Command[] {
  const meant = rangeOf(choice.view, range);
  return meant === null ? [] : [{ op, range: meant, sequence: choice.view.sequence }];
}

/** Everything before, or behind, the playhead goes; what is left moves up. */
export function sideCommands(
  { view, playhead }: Choice,
  side: "left" | "right",
): readonly Command[] {
  const range =
    side === "left"
      ? rangeOf(view, { from: flicks(0), to: playhead })
      : rangeOf(view, { from: playhead, to: view.duration });
  return range === null ? [] : [{ op: "remove_range", range, sequence: view.sequence }];
}

/** The nearest edge of what is meant goes to the playhead; on a cut it rolls. */
export function extendCommands(choice: Choice): readonly Command[] {
  const [clip] = nearestFirst(choice);
  if (!clip) return [];
  return [{ op: "extend", clip: clip.id, at: choice.playhead, linked: choice.linked }];
}

function nearestFirst(choice: Choice): readonly ClipView[] {
  const chosen = selectedOf(choice);
  const pool = chosen.length > 0 ? chosen : unlockedPictures(choice.view);
  const away = (clip: ClipView): number =>
    Math.min(Math.abs(clip.start - choice.playhead), Math.abs(endOf(clip) - choice.playhead));
  return [...pool].sort((one, other) => away(one) - away(other));
}

const unlockedPictures = (view: TimelineView): readonly ClipView[] =>
  view.tracks.flatMap((track) => (track.kind === "video" && !track.locked ? track.clips : []));

export function duplicateCommands(choice: Choice): readonly Command[] {
  const clips = idsOf(selectedOf(choice));
  return clips.length === 0 ? [] : [{ op: "duplicate", clips, linked: choice.linked }];
}

/** All of the selection takes the looks of what was copied first. */
export function pasteAttributesCommands(
  choice: Choice,
  copied: readonly string[],
): readonly Command[] {
  const [source] = copied;
  const clips = idsOf(selectedOf(choice)).filter((id) => id !== source);
  return source === undefined || clips.length === 0
    ? []
    : [{ op: "paste_attributes", source, clips }];
}

/** On where any of them is off, else off. */
export function enableCommands(choice: Choice): readonly Command[] {
  const clips = meantClips(choice);
  const enabled = clips.some((clip) => !clip.enabled);
  return clips.map((clip) => ({ op: "set", map: "clips", id: clip.id, values: { enabled } }));
}

/** Links what is selected; what is one set already is taken apart. */
export function linkCommands(choice: Choice): readonly Command[] {
  const clips = selectedOf(choice);
  const links = new Set(clips.map((clip) => clip.link));
  const isOneSet = links.size === 1 && !links.has("");
  if (isOneSet) return [{ op: "unlink", clips: idsOf(clips) }];
  return clips.length < 2 ? [] : [{ op: "link", clips: idsOf(clips) }];
}

export function groupCommands(choice: Choice, op: "group" | "ungroup"): readonly Command[] {
  const clips = selectedOf(choice);
  const wanted = op === "group" ? clips : clips.filter((clip) => clip.group !== "");
  const least = op === "group" ? 2 : 1;
  return wanted.length < least ? [] : [{ op, clips: idsOf(wanted) }];
}

/** Two halves become one again: the selected two, or what is meant and its right neighbour. */
export function joinCommands(choice: Choice): readonly Command[] {
  const pictures = onePerLink(selectedOf(choice));
  if (pictures.length === 2) return [{ op: "join", clips: idsOf(inTime(pictures)) }];
  const [clip] = meantClips(choice);
  return clip ? [{ op: "join", clip: clip.id }] : [];
}

export function swapCommands(choice: Choice): readonly Command[] {
  const clips = onePerLink(selectedOf(choice));
  return clips.length !== 2
    ? []
    : [{ op: "swap", clips: idsOf(inTime(clips)), linked: choice.linked }];
}

const inTime = (clips: readonly ClipView[]): readonly ClipView[] =>
  [...clips].sort((left, right) => left.start - right.start);

/** A link set is named by one of its members. */
export function onePerLink(clips: readonly ClipView[]): readonly ClipView[] {
  const seen = new Set<string>();
  return clips.filter(({ link }) => {
    if (link === "") return true;
    if (seen.has(link)) return false;
    seen.add(link);
    return true;
  });
}

const TIMED: ReadonlySet<string> = new Set(["media", "sequence"]);

export function reverseCommands(choice: Choice): readonly Command[] {
  const clips = onePerLink(meantClips(choice).filter((clip) => TIMED.has(clip.kind)));
  return clips.map((clip) => ({ op: "reverse", clip: clip.id, linked: choice.linked }));
}

/** The picture at the playhead stands for two seconds; what follows moves on. */
export function freezeCommands(choice: Choice): readonly Command[] {
  const { view, playhead, linked } = choice;
  const [clip] = meantClips(choice).filter(
    (one) => TIMED.has(one.kind) && one.start < playhead && endOf(one) > playhead,
  );
  if (!clip) return [];
  const frames = Math.round((FREEZE_SECONDS * view.rate.num) / view.rate.den);
  const duration = tick(frames as Frames, view.rate);
  return [{ op: "freeze", clip: clip.id, at: playhead, duration, linked }];
}

export function nestCommands(choice: Choice, name: string): readonly Command[] {
  const clips = idsOf(selectedOf(choice));
  return clips.length === 0 ? [] : [{ op: "nest", clips, name, linked: choice.linked }];
}

export function unNestCommands(choice: Choice): readonly Command[] {
  const [clip] = meantClips(choice).filter((one) => one.kind === "sequence");
  return clip ? [{ op: "un_nest", clip: clip.id }] : [];
}

/** The clip plays faster or slower so that it covers in to out. */
export function fitRangeCommands(choice: Choice, range: Stretch): readonly Command[] {
  const meant = rangeOf(choice.view, range);
  const [clip] = onePerLink(meantClips(choice).filter((one) => TIMED.has(one.kind)));
  if (meant === null || !clip) return [];
  const { linked } = choice;
  return [
    { op: "rate_stretch", clip: clip.id, duration: meant.duration, linked },
    { op: "move", clips: [clip.id], at: meant.start, linked },
  ];
}

/** The tracks of the selection, else the topmost: what the track commands are about. */
export function meantTrack({ view, selection }: Choice): TrackView | null {
  const own = view.tracks.find((track) => track.clips.some((clip) => selection.includes(clip.id)));
  return own ?? view.tracks[0] ?? null;
}

/** One place up or down on screen, among tracks of its kind. */
export function reorderCommands(
  view: TimelineView,
  track: string,
  rows: -1 | 1,
): readonly Command[] {
  const own = view.tracks.find((one) => one.id === track);
  const same = view.tracks.filter((one) => one.kind === own?.kind);
  const other = same[same.findIndex((one) => one.id === track) + rows];
  if (!own || !other) return [];
  // On screen pictures stand with the topmost first; sound stands in its order.
  const isAbove = own.kind === "audio" ? rows === 1 : rows === -1;
  return [{ op: "reorder_track", track, [isAbove ? "above" : "below"]: other.id }];
}

/** Everything on unlocked tracks that begins at the playhead or later, or lies under it. */
export const forwardClips = ({ view, playhead }: Choice): readonly string[] =>
  view.tracks.flatMap((track) =>
    track.locked ? [] : idsOf(track.clips.filter((clip) => endOf(clip) > playhead)),
  );

/** Comma and full stop with a tool in hand: what the drag of that tool does, in frames. */
export function toolNudgeCommands(
  choice: Choice,
  tool: "slip" | "slide",
  frames: number,
): readonly Command[] {
  const by = tick(Math.abs(frames) as Frames, choice.view.rate) * Math.sign(frames);
  return onePerLink(selectedOf(choice)).map((clip) => ({
    op: tool,
    clip: clip.id,
    // As in the drag: to the right shows earlier pictures.
    by: tool === "slip" ? -by : by,
    linked: choice.linked,
  }));
}

/** In and out around the clips that are meant. */
export function clipRange(choice: Choice): { from: Flicks; to: Flicks } | null {
  const clips = meantClips(choice);
  if (clips.length === 0) return null;
  const from = Math.min(...clips.map((clip) => clip.start));
  const to = Math.max(...clips.map(endOf));
  return { from: flicks(from), to: flicks(to) };
}

/** A length in whole frames at a rate, for words. */
export const framesOf = (view: TimelineView, length: number): number =>
  frame(flicks(length), view.rate);
