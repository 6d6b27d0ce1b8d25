/** Edits that copy: paste and duplicate clips, paste attributes. */

import type { Mode } from "./arguments";
import { compareStanding, type Draft } from "./draft";
import type { Json } from "./model";
import { clear, copyEffects, inTime, type Manner, onGrid } from "./placing";
import { EditRefused } from "./refusal";
import { opened } from "./ripples";
import { PLACEMENT } from "./schema";
import { isLive, type Placed, textOf } from "./seen";

/** What a clip is and where: never pasted as an attribute. */
const IDENTITY_KEYS: ReadonlySet<string> = new Set([
  ...PLACEMENT,
  "kind",
  "asset",
  "sequence",
  "generator",
  "link",
  "group",
  "name",
  "color",
  "run",
  "scene",
  "role",
  "text",
  "removed",
  "on_length",
]);

export interface PasteTarget {
  /** Null: behind the last of them. */
  readonly at: number | null;
  readonly track: string | null;
  readonly mode: Mode;
}

/**
 * Copies of clips, the first to start at `at` (default: behind the last), distances kept.
 *
 *     | A | B |        ->   | A | B | A' | B' |
 *
 * Clips that were lifted (cut) can be pasted too. New ids: the clips by (track, start, id), each
 * followed by its effects and cues; then link values, then group values, per set in that order.
 */
export const paste = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  { at, track, mode }: PasteTarget,
  { linked, snap }: Manner,
): void => {
  const names = copiedNames(draft, clips, linked);
  const wheres = new Map(names.map((name) => [name, whereWas(draft, name)]));
  const first = wheres.get(clips[0]) ?? whereWas(draft, clips[0]);
  const earliest = Math.min(...[...wheres.values()].map(({ start }) => start));
  const last = Math.max(...[...wheres.values()].map(({ end }) => end));
  const lane = draft.lane(first.track);
  const origin = at === null ? earliest : first.start;
  const delta = Math.max(onGrid(lane, at ?? last, snap) - origin, -earliest);
  const tracks = targetTracks(draft, wheres, clips, track);
  const own = [...new Set(tracks.values())];
  for (const target of own) draft.unlocked(target);
  if (mode === "insert") {
    opened(draft, lane.sequence, earliest + delta, last - earliest, own);
  } else {
    for (const [name, { start, end }] of wheres) {
      inTime(name, end + delta);
      clear(draft, tracks.get(name) ?? "", start + delta, end + delta);
    }
  }
  copyAll(draft, wheres, tracks, delta);
};

const copiedNames = (
  draft: Draft,
  clips: readonly string[],
  linked: boolean,
): readonly string[] => {
  const found = new Set<string>();
  for (const clip of clips) {
    const record = draft.records("clips").get(clip);
    if (record === undefined) throw new EditRefused("not_found", clip, "no such clip");
    found.add(clip);
    if (!linked || !isLive(record)) continue;
    for (const key of ["link", "group"]) {
      const value = textOf(record[key]);
      for (const name of value === "" ? [] : draft.ownedBy("clips", key, value)) found.add(name);
    }
  }
  return [...found]
    .map((id) => {
      const { track, start } = whereWas(draft, id);
      return { order: draft.lane(track).order, track, start, id };
    })
    .sort(compareStanding)
    .map(({ id }) => id);
};

const whereWas = (draft: Draft, clip: string): Placed => {
  const { kind } = draft.lane(textOf(draft.raw("clips", clip)["track"]));
  const found = draft.seen.placement(clip, kind);
  if (found === null) throw new EditRefused("not_found", clip, "the clip has no valid place");
  return found;
};

const targetTracks = (
  draft: Draft,
  wheres: ReadonlyMap<string, Placed>,
  clips: readonly [string, ...string[]],
  track: string | null,
): ReadonlyMap<string, string> => {
  const found = new Map([...wheres].map(([name, where]) => [name, where.track]));
  if (track === null) return found;
  const first = draft.lane(found.get(clips[0]) ?? "");
  const target = draft.unlocked(track);
  if (target.kind !== first.kind) {
    throw new EditRefused("bad_argument", "track", "another kind of track");
  }
  const tracksIn = (sequence: string): readonly string[] =>
    draft.seen
      .lanes(sequence)
      .filter(({ kind }) => kind === first.kind)
      .map((lane) => lane.track);
  const same = tracksIn(first.sequence);
  const there = tracksIn(target.sequence);
  const up = there.indexOf(target.track) - same.indexOf(first.track);
  for (const name of clips) {
    const own = found.get(name) ?? "";
    if (draft.lane(own).kind !== first.kind) continue;
    const place = there[same.indexOf(own) + up];
    if (place === undefined) {
      throw new EditRefused("bad_argument", "track", "not enough tracks for all the clips");
    }
    found.set(name, place);
  }
  return found;
};

const copyAll = (
  draft: Draft,
  wheres: ReadonlyMap<string, Placed>,
  tracks: ReadonlyMap<string, string>,
  delta: number,
): void => {
  const groups = new Map<string, string[]>();
  for (const [name, { start }] of wheres) {
    const source = draft.raw("clips", name);
    const place = { track: tracks.get(name) ?? "", start: start + delta };
    const copy = draft.create("clips", { ...source, ...place, removed: null, group: null });
    draft.name("clip", copy);
    draft.halved(copy);
    const group = textOf(source["group"]);
    if (group !== "") groups.set(group, [...(groups.get(group) ?? []), copy]);
    copyEffects(draft, name, copy);
    for (const cue of draft.ownedBy("cues", "clip", name)) {
      draft.create("cues", { ...draft.record("cues", cue), clip: copy });
    }
  }
  draft.settleLinks();
  for (const copies of groups.values()) {
    if (copies.length < 2) continue;
    const group = draft.newId();
    for (const copy of copies) draft.write("clips", copy, "group", group);
  }
};

/**
 * Gives clips the look and sound of another: all keys but what it is and where; copies of its effects.
 *
 * `keys` limits it to these keys; effects come only where it is empty. Keys that the source does not
 * have go back to their default.
 */
export const pasteAttributes = (
  draft: Draft,
  source: string,
  clips: readonly string[],
  keys: readonly string[],
): void => {
  const record = draft.record("clips", source);
  const isAttribute = (key: string): boolean => !IDENTITY_KEYS.has(key);
  const named = keys.length > 0 ? keys : Object.keys(record);
  const wanted = new Map(
    named.filter(isAttribute).map((key): [string, Json] => [key, record[key] ?? null]),
  );
  for (const clip of clips) {
    draft.unlocked(draft.laneOf(clip).track);
    const target = draft.record("clips", clip);
    const gone = keys.length > 0 ? [] : Object.keys(target).filter(isAttribute);
    for (const key of new Set([...wanted.keys(), ...gone])) {
      draft.write("clips", clip, key, wanted.get(key) ?? null);
    }
    if (keys.length === 0) copyEffects(draft, source, clip);
  }
};
