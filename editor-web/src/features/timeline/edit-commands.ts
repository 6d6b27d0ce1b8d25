/**
 * What the keys of the timeline mean as commands of the core. Pure: the view and the selection in,
 * commands out; an empty list where there is nothing to do.
 */
import type { Command } from "@/timeline-core/commands";
import type { JsonObject } from "@/timeline-core/model";
import { type Flicks, type Frames, frameContaining, TICKS, tick } from "@/timeline-core/time";
import type { Edge } from "./model/hit-test";
import {
  allClips,
  type ClipView,
  clipAt,
  endOf,
  type TimelineView,
  type TrackView,
} from "./model/view-model";
import type { Gap } from "./timeline-canvas";

export type Place = "insert" | "overwrite" | "append";

export type Choice = {
  readonly view: TimelineView;
  readonly selection: readonly string[];
  readonly linked: boolean;
  readonly playhead: Flicks;
};

const covers = (clip: ClipView, at: Flicks): boolean => clip.start < at && endOf(clip) > at;

const selectedClips = ({ view, selection }: Choice): readonly ClipView[] => {
  const chosen = new Set(selection);
  return allClips(view).filter((clip) => chosen.has(clip.id));
};

/** The selected clips under the playhead with their links, else every unlocked track. */
export function splitCommands(choice: Choice): readonly Command[] {
  const { view, playhead: at, linked } = choice;
  const under = selectedClips(choice).filter((clip) => covers(clip, at));
  if (under.length > 0) return [{ op: "split", clips: under.map((clip) => clip.id), at, linked }];
  const open = view.tracks.filter((track) => !track.locked);
  const cut = open.filter((track) => track.clips.some((clip) => covers(clip, at)));
  if (cut.length === 0) return [];
  return [{ op: "split", tracks: cut.map((track) => track.id), at }];
}

export const splitClip = (clip: string, at: Flicks, linked: boolean): readonly Command[] => [
  { op: "split", clip, at, linked },
];

/** Removes what is selected: clips, a transition, or (ripple only) a gap. */
export function deleteCommands(
  choice: Choice,
  gap: Gap | null,
  ripple: boolean,
): readonly Command[] {
  const { view, selection, linked } = choice;
  const transitions = view.tracks
    .flatMap((track) => track.transitions)
    .filter((transition) => selection.includes(transition.id));
  if (transitions.length > 0) {
    return transitions.map(({ id }) => ({ op: "remove_transition", transition: id }));
  }
  const clips = selectedClips(choice).map((clip) => clip.id);
  if (clips.length > 0) return [{ op: ripple ? "ripple_delete" : "lift", clips, linked }];
  // Lifting a gap would change nothing; taking it out is what Delete on a gap can mean.
  return gap ? [{ op: "close_gap", track: gap.track, at: gap.start }] : [];
}

/** The clips a trim to the playhead is about: selected ones under it, else the topmost picture. */
function underPlayhead(choice: Choice): readonly ClipView[] {
  const { view, playhead } = choice;
  const chosen = selectedClips(choice).filter((clip) => covers(clip, playhead));
  if (chosen.length > 0) return oneOfEachLink(chosen);
  const rank = (track: TrackView): number => (track.kind === "video" ? 0 : 1);
  const open = view.tracks.filter((track) => !track.locked && track.kind !== "caption");
  for (const track of open.sort((left, right) => rank(left) - rank(right))) {
    const clip = clipAt(track, playhead);
    if (clip && covers(clip, playhead)) return [clip];
  }
  return [];
}

/** A link set is trimmed as one: naming two of its members would trim it twice. */
function oneOfEachLink(clips: readonly ClipView[]): readonly ClipView[] {
  const seen = new Set<string>();
  return clips.filter((clip) => {
    if (clip.link === "") return true;
    if (seen.has(clip.link)) return false;
    seen.add(clip.link);
    return true;
  });
}

/** Q, W (ripple) and [ ] (leave the gap). */
export function trimToPlayhead(choice: Choice, edge: Edge, ripple: boolean): readonly Command[] {
  const { playhead, linked } = choice;
  return underPlayhead(choice).map((clip) => ({
    op: ripple ? "ripple" : "trim",
    clip: clip.id,
    edge,
    by: edge === "head" ? playhead - clip.start : playhead - endOf(clip),
    linked,
  }));
}

export function nudgeCommands(choice: Choice, frames: number): readonly Command[] {
  const { view, selection, linked } = choice;
  const clips = selectedClips(choice);
  const first = clips[0];
  if (!first || selection.length === 0) return [];
  const from = frameContaining(first.start, view.rate);
  const at = tick(Math.max(0, from + frames) as Frames, view.rate);
  return [{ op: "move", clips: clips.map((clip) => clip.id), by: at - first.start, linked }];
}

/** One track up or down on screen, for the first selected clip; the others keep their distance. */
export function trackCommands(choice: Choice, rows: -1 | 1): readonly Command[] {
  const clips = selectedClips(choice);
  const first = clips[0];
  const own = choice.view.tracks.find((track) => track.id === first?.track);
  if (!first || !own) return [];
  const same = choice.view.tracks.filter((track) => track.kind === own.kind);
  const target = same[same.indexOf(own) + rows];
  if (!target) return [];
  const ids = clips.filter(
    (clip) => choice.view.tracks.find((track) => track.id === clip.track)?.kind === own.kind,
  );
  return [
    { op: "move", clips: ids.map((clip) => clip.id), track: target.id, linked: choice.linked },
  ];
}

export function pasteCommands(
  choice: Choice,
  copied: readonly string[],
  mode: "overwrite" | "insert",
): readonly Command[] {
  if (copied.length === 0) return [];
  return [{ op: "paste", clips: copied, at: choice.playhead, mode, linked: choice.linked }];
}

export type Cut = { readonly left: ClipView; readonly right: ClipView };

/** The cut nearest to a time: on the selected clips' tracks first, else on any unlocked one. */
export function nearestCut(choice: Choice): Cut | null {
  const { view, playhead } = choice;
  const chosen = new Set(selectedClips(choice).map((clip) => clip.track));
  const open = view.tracks.filter((track) => !track.locked && track.kind !== "caption");
  const wanted = open.filter((track) => chosen.has(track.id));
  const pictures = open.filter((track) => track.kind === "video");
  const tracks = wanted.length > 0 ? wanted : pictures.length > 0 ? pictures : open;
  let best: Cut | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const { clips, transitions } of tracks) {
    for (const [index, right] of clips.entries()) {
      const left = clips[index - 1];
      if (!left || endOf(left) !== right.start) continue;
      if (transitions.some((transition) => transition.at === right.start)) continue;
      const away = Math.abs(right.start - playhead);
      if (away >= distance) continue;
      best = { left, right };
      distance = away;
    }
  }
  return best;
}

/** The cut of one track that is nearest to a time, within a reach; one that has a transition counts too. */
export function cutNear(track: TrackView, at: number, reach: number): Cut | null {
  let best: Cut | null = null;
  let distance = reach;
  for (const [index, right] of track.clips.entries()) {
    const left = track.clips[index - 1];
    const away = Math.abs(right.start - at);
    if (!left || endOf(left) !== right.start || away > distance) continue;
    best = { left, right };
    distance = away;
  }
  return best;
}

/** A transition on a cut; one that is there already becomes of this kind. */
export function transitionCommands(
  view: TimelineView,
  { left, right }: Cut,
  kind?: string,
): readonly Command[] {
  const there = view.tracks
    .flatMap((track) => track.transitions)
    .find((one) => one.left === left.id && one.right === right.id);
  if (there && kind !== undefined) {
    return [{ op: "set", map: "transitions", id: there.id, values: { kind } }];
  }
  const clips = [left.id, right.id];
  return [{ op: "add_transition", clips, ...(kind === undefined ? {} : { kind }) }];
}

export type PlacedAsset = {
  readonly id: string;
  readonly name: string;
  readonly kind: "video" | "audio" | "image";
  readonly hasAudio: boolean;
  /** Where in the source to begin; its start where nothing is said. */
  readonly sourceIn?: Flicks;
};

/** The tracks an asset goes to: the wanted one, or the lowest picture and the first sound track. */
export function tracksFor(
  view: TimelineView,
  asset: PlacedAsset,
  wanted: string | null,
): readonly string[] {
  const open = view.tracks.filter((track) => !track.locked);
  const own = open.find((track) => track.id === wanted);
  const pictures = open.filter((track) => track.kind === "video");
  const sounds = open.filter((track) => track.kind === "audio");
  const picture = own?.kind === "video" ? own : pictures.at(-1);
  const sound = own?.kind === "audio" ? own : soundFor(pictures, sounds, picture);
  if (asset.kind === "audio") return sound ? [sound.id] : [];
  if (own?.kind === "audio" && asset.hasAudio) return [own.id];
  const rows = picture ? [picture.id] : [];
  return asset.hasAudio && sound ? [...rows, sound.id] : rows;
}

/** The sound of the n-th picture track (from the bottom) belongs on the n-th sound track. */
function soundFor(
  pictures: readonly TrackView[],
  sounds: readonly TrackView[],
  picture: TrackView | undefined,
): TrackView | undefined {
  const place = picture ? pictures.length - 1 - pictures.indexOf(picture) : 0;
  return sounds[Math.min(place, sounds.length - 1)];
}

/** Several assets one after the other from a time on, or behind everything. */
export function placeCommands(
  view: TimelineView,
  assets: readonly PlacedAsset[],
  where: { readonly place: Place; readonly at: Flicks; readonly track: string | null },
  lengthOf: (asset: string) => number,
): readonly Command[] {
  const commands: Command[] = [];
  let at: number = where.at;
  for (const asset of assets) {
    const tracks = tracksFor(view, asset, where.track);
    if (tracks.length === 0) continue;
    const part = asset.sourceIn === undefined ? {} : { source_in: asset.sourceIn };
    const material: JsonObject = { asset: asset.id, name: asset.name, tracks, ...part };
    const duration = lengthOf(asset.id);
    commands.push(
      where.place === "append"
        ? { op: "append", ...material, duration }
        : { op: where.place, ...material, duration, at },
    );
    at += duration;
  }
  return commands;
}

/** An effect on each selected clip that is seen. */
export function effectCommands(choice: Choice, kind: string): readonly Command[] {
  const { view } = choice;
  const seen = new Set(view.tracks.filter((track) => track.kind !== "audio").map(({ id }) => id));
  // A blur of nothing would leave the person who asked for it guessing.
  const params = kind === "blur" ? { sigma_h: BLUR_H } : {};
  return selectedClips(choice)
    .filter((clip) => seen.has(clip.track))
    .map((clip) => ({ op: "add_effect", owner: clip.id, kind, params }));
}

const BLUR_H = 0.01; // canvas heights

/** A clip that filters all below it, above everything at the playhead. */
export function adjustmentCommands(view: TimelineView, at: Flicks): readonly Command[] {
  const [top, below] = view.tracks.filter((track) => track.kind === "video");
  const base = below ?? top; // the highest track is taken where it is free there
  if (!base) return [];
  const duration = ADJUSTMENT_SECONDS * TICKS;
  return [{ op: "place_on_top", track: base.id, at, kind: "adjustment", duration }];
}

const ADJUSTMENT_SECONDS = 5;

/** A title on the first picture track above the lowest that is free there, else on a new one. */
export function titleCommands(
  view: TimelineView,
  at: Flicks,
  title: { readonly text: string; readonly values: JsonObject; readonly duration: number },
): readonly Command[] {
  const base = view.tracks.filter((track) => track.kind === "video").at(-1);
  if (!base) return [];
  return [
    {
      op: "place_on_top",
      track: base.id,
      at,
      kind: "title",
      text: title.text,
      duration: title.duration,
      values: title.values,
    },
  ];
}
