/** Edits between sequences: nest clips into a new one, and take them back. */
import type { Stretch } from "./arguments";
import { type Draft, members } from "./draft";
import { lanesAbove, linkAll, newTrackAbove } from "./placements";
import { clear, isFree, removeClip, setPiece, writeDown } from "./placing";
import { EditRefused } from "./refusal";
import { allMembers } from "./ripples";
import { type Lane, textOf } from "./seen";

const SHAPE = [
  "width",
  "height",
  "fps_num",
  "fps_den",
  "sample_rate",
  "channel_layout",
  "background",
  "color_space",
];

/** What a nested clip may carry and still be taken apart. */
const PLAIN: ReadonlySet<string> = new Set([
  "track",
  "kind",
  "sequence",
  "start",
  "duration",
  "source_in",
  "speed_num",
  "speed_den",
  "link",
  "group",
  "name",
  "color",
  "removed",
]);

/**
 * Puts clips into a new sequence; one picture and one sound clip of it take their place.
 *
 *     V2 | T |            V2
 *     V1 | A | B |   ->   V1 | nested  |
 *
 * `not_adjacent` where another clip stands in the stretch on the track that takes the nested one.
 * New ids: parts of covered clips, the sequence, its tracks bottom to top, the picture and the sound
 * clip, their link.
 */
export const nest = (
  draft: Draft,
  clips: readonly [string, ...string[]],
  name: string | null,
  linked: boolean,
): void => {
  const names = allMembers(draft, clips, { linked, grouped: true });
  const outer = draft.laneOf(clips[0]).sequence;
  const parts = names.flatMap((each) => writeDown(draft, each));
  const start = Math.min(...parts.map((part) => draft.where(part).start));
  const end = Math.max(...parts.map((part) => draft.where(part).end));
  const used = new Set(parts.map((part) => draft.laneOf(part).track));
  const lanes = draft.seen.lanes(outer).filter(({ track }) => used.has(track));
  const hosts = hostsOf(lanes);
  for (const host of hosts.values()) {
    const between = host.within(start, end).find(({ clip }) => !parts.includes(clip));
    if (between !== undefined) {
      throw new EditRefused("not_adjacent", between.clip, "stands between the clips to nest");
    }
  }
  const inner = newSequence(draft, outer, name);
  const tracks = new Map(lanes.map((lane) => [lane.track, copiedTrack(draft, lane, inner)]));
  for (const part of parts) {
    const where = draft.where(part);
    draft.place(part, { track: tracks.get(where.track) ?? "", start: where.start - start });
  }
  standIn(draft, hosts, inner, start, end);
};

/** The lowest lane of each kind that shows a picture or sounds. */
const hostsOf = (lanes: readonly Lane[]): ReadonlyMap<string, Lane> =>
  new Map(
    [...lanes]
      .reverse()
      .filter(({ kind }) => kind !== "caption")
      .map((lane) => [lane.kind, lane]),
  );

const newSequence = (draft: Draft, like: string, name: string | null): string => {
  const record = draft.record("sequences", like);
  const shape = Object.fromEntries(SHAPE.map((key) => [key, record[key] ?? null]));
  const created = draft.create("sequences", { name: name || "Nested", ...shape });
  draft.names.set("sequence", created);
  return created;
};

const copiedTrack = (draft: Draft, lane: Lane, sequence: string): string => {
  const record = draft.record("tracks", lane.track);
  const keys = ["kind", "name", "color", "order"].map((key) => [key, record[key] ?? null]);
  return draft.create("tracks", { sequence, ...Object.fromEntries(keys) });
};

const standIn = (
  draft: Draft,
  hosts: ReadonlyMap<string, Lane>,
  inner: string,
  start: number,
  end: number,
): void => {
  const clips = ["video", "audio"]
    .map((kind) => hosts.get(kind))
    .filter((host) => host !== undefined)
    .map(({ track }) =>
      draft.create("clips", {
        track,
        kind: "sequence",
        sequence: inner,
        start,
        duration: end - start,
        source_in: 0,
      }),
    );
  const [first] = clips;
  if (first !== undefined) draft.names.set("clip", first);
  linkAll(draft, clips);
};

/**
 * Takes a nested sequence apart: its clips go back to where its picture and sound clips stand.
 *
 *     V1 | nested  |   ->   V1 | A | B |
 *
 * Only what shows is taken back. Pictures go to the track of the nested one and to those above it,
 * new ones where these are not free. `bad_argument` where the nested clips carry properties of
 * their own, or the sequence is used elsewhere, too.
 */
export const unNest = (draft: Draft, clip: string): void => {
  const where = draft.where(clip);
  if (where.kind !== "sequence") {
    throw new EditRefused("bad_argument", "clip", "not a nested sequence");
  }
  const inner = textOf(draft.record("clips", clip)["sequence"]);
  const outers = members(draft, clip, { linked: true }).filter(
    (name) => draft.record("clips", name)["sequence"] === inner,
  );
  refuseOwnProperties(draft, inner, outers);
  const window: Stretch = [where.sourceIn, where.sourceIn + where.duration];
  const shift = where.start - where.sourceIn;
  const hosts = new Map(
    [...outers].reverse().map((name) => {
      const lane = draft.laneOf(name);
      return [lane.kind, lane] as const;
    }),
  );
  const innerLanes = draft.seen.lanes(inner);
  for (const name of outers) removeClip(draft, name);
  const taken = new Map<string, string>();
  for (const lane of innerLanes) {
    const target = targetOf(draft, lane, hosts.get(lane.kind), taken.get(lane.kind), window, shift);
    taken.set(lane.kind, target);
    takeBack(draft, lane, target, window, shift);
  }
  for (const lane of innerLanes) draft.remove("tracks", lane.track);
  draft.remove("sequences", inner);
};

const refuseOwnProperties = (draft: Draft, inner: string, outers: readonly string[]): void => {
  const first = draft.where(outers[0] ?? "");
  for (const name of outers) {
    const own = Object.entries(draft.record("clips", name))
      .filter(([key, value]) => value !== null && !PLAIN.has(key))
      .map(([key]) => key);
    if (own.length > 0 || draft.ownedBy("effects", "owner", name).length > 0) {
      const detail = `carries properties of its own: ${own.join(", ")}`;
      throw new EditRefused("bad_argument", name, detail);
    }
    const where = draft.where(name);
    if (where.speed[0] !== where.speed[1]) {
      throw new EditRefused("bad_argument", name, "plays at a speed of its own");
    }
    const isApart =
      where.start !== first.start ||
      where.duration !== first.duration ||
      where.sourceIn !== first.sourceIn;
    if (isApart) throw new EditRefused("bad_argument", name, "picture and sound stand apart");
  }
  const [use] = draft.ownedBy("clips", "sequence", inner).filter((name) => !outers.includes(name));
  if (use !== undefined) {
    throw new EditRefused("bad_argument", use, "the sequence is used here, too");
  }
};

/** The outer track for an inner one: the host, then free ones above the last taken, then new ones. */
const targetOf = (
  draft: Draft,
  lane: Lane,
  host: Lane | undefined,
  last: string | undefined,
  window: Stretch,
  shift: number,
): string => {
  if (last === undefined) return firstTarget(draft, lane, host);
  const shown = lane.within(...window);
  const below = draft.lane(last);
  const above = lanesAbove(draft, below);
  const found = above.find(
    (other) =>
      !other.locked && shown.every(({ start, end }) => isFree(other, start + shift, end + shift)),
  );
  return found?.track ?? newTrackAbove(draft, above.at(-1) ?? below);
};

const firstTarget = (draft: Draft, lane: Lane, host: Lane | undefined): string => {
  const main = draft.sequence();
  const there = host ?? draft.seen.lanes(main).find(({ kind }) => kind === lane.kind);
  if (there === undefined) return draft.create("tracks", { kind: lane.kind, sequence: main });
  return draft.unlocked(there.track).track;
};

const takeBack = (
  draft: Draft,
  lane: Lane,
  target: string,
  [low, high]: Stretch,
  shift: number,
): void => {
  for (const { clip, start, end } of lane.pieces) {
    if (end <= low || start >= high) removeClip(draft, clip);
  }
  for (const part of lane.within(low, high).flatMap(({ clip }) => writeDown(draft, clip))) {
    const where = draft.where(part);
    const start = Math.max(where.start, low);
    const end = Math.min(where.end, high);
    if (end <= start) {
      removeClip(draft, part);
      continue;
    }
    clear(draft, target, start + shift, end + shift);
    setPiece(draft, part, start, end, where);
    draft.place(part, { track: target, start: start + shift });
  }
};
