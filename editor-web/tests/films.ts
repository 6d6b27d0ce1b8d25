/** Random documents and commands for property tests: two video tracks, sound, links, overlaps. */
import fc from "fast-check";
import type { Command } from "@/timeline-core/commands";
import type { AssetFacts, AssetTable } from "@/timeline-core/media";
import { type DocRecord, documentFromJson, type TimelineDocument } from "@/timeline-core/model";
import { flicks, TICKS } from "@/timeline-core/time";

export const FRAME = TICKS / 30;

const facts = (seconds: number | null): AssetFacts => ({
  state: "ready",
  duration: seconds === null ? null : flicks(seconds * TICKS),
  fps_num: 30,
  fps_den: 1,
  has_video: true,
  has_audio: true,
  start_tc: flicks(0),
});

export const ASSETS: AssetTable = new Map([
  ["a", facts(20)],
  ["b", facts(4)],
  ["s", facts(null)],
]);

/** Ids that nobody else makes: `name` and a running number. */
export const idsOf = (name: string): (() => string) => {
  let made = 0;
  return () => {
    made += 1;
    return `${name}-${made}`;
  };
};

export const TRACKS = ["V1", "V2", "A1"] as const;
export const CLIP_IDS = ["c1", "c2", "c3", "c4", "c5", "c6"] as const;

const frames = (most: number) => fc.integer({ min: 0, max: most }).map((count) => count * FRAME);

const clip = (id: string): fc.Arbitrary<readonly [string, DocRecord]> =>
  fc
    .record({
      track: fc.constantFrom(...TRACKS),
      asset: fc.constantFrom("a", "b", "s", "gone"),
      start: frames(240),
      duration: frames(120).map((length) => length + FRAME),
      source_in: frames(60),
      speed_num: fc.constantFrom(1, 1, 1, 2, -1),
      link: fc.constantFrom("", "", "l1", "l2"),
      fade_in: fc.constantFrom(0, 10 * FRAME),
    })
    .map((record) => [id, { kind: "media", ...record }] as const);

export const films: fc.Arbitrary<TimelineDocument> = fc.tuple(...CLIP_IDS.map(clip)).map((clips) =>
  documentFromJson({
    meta: { schema: 1, main_sequence: "s1" },
    sequences: { s1: { name: "Main", fps_num: 30, fps_den: 1 } },
    tracks: {
      V1: { sequence: "s1", kind: "video", order: "a0" },
      V2: { sequence: "s1", kind: "video", order: "a1" },
      A1: { sequence: "s1", kind: "audio", order: "a2" },
    },
    clips: Object.fromEntries(clips),
    transitions: { t1: { left: "c1", right: "c2" } },
    effects: { e1: { owner: "c3", kind: "blur", order: "a0" } },
    markers: { m1: { owner: "c2", t: 30 * FRAME } },
  }),
);

const clipIds = fc.constantFrom(...CLIP_IDS);
const someClips = fc.uniqueArray(clipIds, { minLength: 1, maxLength: 3 });
const at = frames(300);
const by = fc.integer({ min: -60, max: 60 }).map((count) => count * FRAME);
const edge = fc.constantFrom("head", "tail");
const linked = fc.boolean();
const track = fc.constantFrom(...TRACKS);
const mode = fc.constantFrom("overwrite", "insert");
const range = fc.record({ start: at, duration: frames(60).map((length) => length + FRAME) });

const op = (name: string, args: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Command> =>
  fc.record(args).map((values) => ({ op: name, ...values }) as Command);

export const commands: fc.Arbitrary<Command> = fc.oneof(
  op("trim", { clip: clipIds, edge, by, linked }),
  op("ripple", { clip: clipIds, edge, by, linked }),
  op("roll", { clip: clipIds, edge, by, linked }),
  op("slip", { clip: clipIds, by, linked }),
  op("slide", { clip: clipIds, by, linked }),
  op("extend", { clip: clipIds, at, linked }),
  op("split", { at }),
  op("split", { clips: someClips, at, linked }),
  op("lift", { clips: someClips, linked }),
  op("lift", { range }),
  op("ripple_delete", { clips: someClips, linked }),
  op("extract", { range, tracks: fc.constant(["V1"]) }),
  op("remove_range", { range }),
  op("close_gap", { track, at }),
  op("move", { clips: someClips, by, mode, linked }),
  op("move", { clips: someClips, at, track, linked }),
  op("duplicate", { clips: someClips, mode }),
  op("swap", { clips: fc.constant(["c1", "c2"]) }),
  op("overwrite", { track, asset: fc.constantFrom("a", "b"), at }),
  op("insert", { track, asset: fc.constantFrom("a", "b"), at }),
  op("replace", { clip: clipIds, asset: fc.constantFrom("a", "b") }),
  op("set_speed", {
    clip: clipIds,
    speed: fc.constantFrom([2, 1], [1, 2], [-1, 1]),
    ripple: fc.boolean(),
  }),
  op("reverse", { clip: clipIds }),
  op("rate_stretch", { clip: clipIds, duration: frames(90).map((length) => length + FRAME), edge }),
  op("freeze", { clip: clipIds, at, duration: fc.constant(15 * FRAME) }),
  op("nest", { clips: someClips }),
  op("add_transition", { clip: clipIds, edge }),
  op("link", { clips: someClips }),
  op("unlink", { clips: someClips }),
  op("add_track", { kind: fc.constantFrom("video", "audio") }),
  op("remove_track", { track }),
);
