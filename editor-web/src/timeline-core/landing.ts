/**
 * Landing scenes: generated clips come to the timeline, once, whatever is sent how often.
 *
 * (run, scene, role) is the identity of a landed clip. Landing again adds nothing; another asset
 * replaces the media of exactly that clip and keeps every edit; a clip that people removed stays
 * removed [timeline-E12].
 */
import type { Draft } from "./draft";
import { linkAll, orderBetween, replaceMedia } from "./placements";
import { gridCeil, onGrid, snappedTo } from "./placing";
import { EditRefused } from "./refusal";
import { opened } from "./ripples";
import { CLIP_DURATION_DEFAULT } from "./schema";
import { type Lane, textOf } from "./seen";
import { frames, tick } from "./time";

export type LandedRole = "picture" | "sound" | "narration";

/** One generated scene: `key` is its name in the run; `duration` in ticks, null: as long as it lasts. */
export interface Scene {
  readonly key: string;
  readonly asset: string;
  readonly name: string;
  readonly duration: number | null;
  readonly narration: string | null;
}

export interface LandingPlace {
  readonly at: number | "end";
  readonly sequence: string | null;
  readonly track: string | null;
}

type Tracks = ReadonlyMap<LandedRole, string>;

/**
 * Lands scenes one after the other at `at` (later content moves right) or at the end.
 *
 *     V1 | s1 | s2 |   ->   V1 | s1 | s2 | s3 |
 *     A1 | s1 | s2 |        A1 | s1 | s2 | s3 |
 *
 * Pictures go to `track` (else the lowest video track), own sound to the first audio track,
 * narration to the second; missing tracks are created. A scene's clips are one link set. New ids:
 * missing tracks, then scene by scene picture, sound, narration, their link.
 */
export const landScenes = (
  draft: Draft,
  run: string,
  scenes: readonly Scene[],
  { at, sequence: named, track }: LandingPlace,
): void => {
  const sequence = draft.sequence(named);
  const fresh = scenes.filter((scene) => landed(draft, run, scene.key).length === 0);
  for (const scene of scenes) if (!fresh.includes(scene)) landAgain(draft, run, scene);
  if (fresh.length === 0) return;
  const tracks = tracksFor(draft, sequence, track, fresh);
  const picture = draft.unlocked(tracks.get("picture") ?? "");
  const lengths = fresh.map((scene) => lengthOf(draft, picture, scene));
  let start: number;
  if (at === "end") {
    const ends = [...tracks.values()].map((one) => draft.lane(one).end);
    start = gridCeil(picture.rate, Math.max(...ends));
  } else {
    start = onGrid(picture, at);
    const whole = lengths.reduce((sum, length) => sum + length, 0);
    opened(draft, sequence, start, whole, tracks.values());
  }
  for (const [index, scene] of fresh.entries()) {
    const length = lengths[index] ?? 0;
    land(draft, run, scene, tracks, start, length);
    start += length;
  }
};

/** Clips of a scene, removed ones too. */
const landed = (draft: Draft, run: string, key: string): readonly string[] =>
  [...draft.records("clips")]
    .filter(([, record]) => record["run"] === run && record["scene"] === key)
    .map(([name]) => name);

/** Writes the assets of clips that still stand; the removed stay removed, the lengths stay. */
const landAgain = (draft: Draft, run: string, scene: Scene): void => {
  for (const name of landed(draft, run, scene.key)) {
    const record = draft.raw("clips", name);
    const asset = textOf(record["role"]) === "narration" ? scene.narration : scene.asset;
    if (record["removed"] === true || asset === null || record["asset"] === asset) continue;
    const lane = draft.seen.lane(textOf(record["track"]));
    if (lane !== null) draft.unlocked(lane.track);
    replaceMedia(draft, name, asset);
  }
};

/** The track of each role that these scenes need. */
const tracksFor = (
  draft: Draft,
  sequence: string,
  track: string | null,
  scenes: readonly Scene[],
): Tracks => {
  const found = new Map<LandedRole, string>();
  found.set("picture", pictureTrack(draft, sequence, track));
  if (scenes.some((scene) => hasSound(draft, scene))) {
    found.set("sound", nthTrack(draft, sequence, "audio", 0));
  }
  if (scenes.some(({ narration }) => narration !== null && narration !== "")) {
    if (!found.has("sound") && lanesOf(draft, sequence, "audio").length === 0) {
      found.set("sound", nthTrack(draft, sequence, "audio", 0));
    }
    found.set("narration", nthTrack(draft, sequence, "audio", 1));
  }
  return found;
};

const pictureTrack = (draft: Draft, sequence: string, track: string | null): string => {
  if (track === null) return nthTrack(draft, sequence, "video", 0);
  const lane = draft.unlocked(track);
  if (lane.kind !== "video" || lane.sequence !== sequence) {
    const detail = "a video track of the sequence is expected";
    throw new EditRefused("bad_argument", "track", detail);
  }
  return track;
};

const lanesOf = (draft: Draft, sequence: string, kind: string): readonly Lane[] =>
  draft.seen.lanes(sequence).filter((lane) => lane.kind === kind);

/** The unlocked track of this kind and number from the bottom; created above all where missing. */
const nthTrack = (draft: Draft, sequence: string, kind: string, number: number): string => {
  const lane = lanesOf(draft, sequence, kind)[number];
  if (lane !== undefined) return draft.unlocked(lane.track).track;
  const top = draft.seen.lanes(sequence).at(-1);
  const order = orderBetween(top?.order ?? null, null);
  const name = `${kind === "video" ? "V" : "A"}${number + 1}`;
  return draft.create("tracks", { sequence, kind, name, order });
};

const hasSound = (draft: Draft, scene: Scene): boolean =>
  draft.assets.get(scene.asset)?.has_audio === true;

/** How long a scene stands, on the grid: as asked, else its picture, else its narration. */
const lengthOf = (draft: Draft, lane: Lane, scene: Scene): number => {
  const natural = [scene.asset, scene.narration ?? ""].map(
    (asset) => draft.assets.get(asset)?.duration ?? null,
  );
  const [length] = [scene.duration, ...natural].filter((each) => each !== null);
  const shortest = tick(frames(1), lane.rate);
  return Math.max(snappedTo(lane.rate, length || CLIP_DURATION_DEFAULT), shortest);
};

const land = (
  draft: Draft,
  run: string,
  scene: Scene,
  tracks: Tracks,
  start: number,
  length: number,
): void => {
  const clips = rolesOf(draft, scene, length).map(([role, asset, duration]) =>
    draft.create("clips", {
      track: tracks.get(role) ?? "",
      kind: "media",
      asset,
      start,
      duration,
      source_in: 0,
      name: scene.name === "" ? null : scene.name,
      run,
      scene: scene.key,
      role,
    }),
  );
  draft.name("clip", clips[0] ?? "");
  linkAll(draft, clips);
};

const rolesOf = (
  draft: Draft,
  scene: Scene,
  length: number,
): readonly (readonly [LandedRole, string, number])[] => {
  const { asset, narration } = scene;
  const roles: (readonly [LandedRole, string, number])[] = [["picture", asset, length]];
  if (hasSound(draft, scene)) roles.push(["sound", asset, length]);
  if (narration !== null) {
    const spoken = draft.assets.get(narration)?.duration || length;
    roles.push(["narration", narration, Math.min(spoken, length)]);
  }
  return roles;
};
