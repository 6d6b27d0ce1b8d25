/** The golden cases that pytest reads too; both languages must answer the same, number by number. */
import { describe, expect, it } from "vitest";
import { type GoldenCase, goldenCases } from "../../tests/golden-cases";
import { edited } from "./commands";
import { Findings } from "./diagnostics";
import { gradeOf } from "./grade";
import { evaluated, fadeWeight } from "./keyframes";
import { layers, picture } from "./layers";
import type { AssetFacts } from "./media";
import type { Change, JsonObject } from "./model";
import { documentFromJson } from "./model";
import { onFrames } from "./on-frames";
import { BadOrderKey, keysBetween } from "./order-keys";
import { readClip, readRecord } from "./reading";
import { EditRefused } from "./refusal";
import { resolve } from "./resolve";
import type { Key, OnFrames, Props, Resolved } from "./resolved";
import { framesJson, layerJson, resolvedJson } from "./resolved-json";
import { CLIPS } from "./schema";
import {
  type Flicks,
  type Frames,
  flicks,
  frame,
  frameContaining,
  frames,
  local,
  middle,
  rate,
  sample,
  snapped,
  tick,
  timecode,
} from "./time";
import { undoPatch } from "./undo";

const factsFrom = (facts: Partial<AssetFacts>): AssetFacts => ({
  state: "ready",
  duration: null,
  fps_num: 30,
  fps_den: 1,
  has_video: true,
  has_audio: false,
  start_tc: flicks(0),
  ...facts,
});

const factsTable = (assets: Readonly<Record<string, Partial<AssetFacts>>> = {}) =>
  new Map(Object.entries(assets).map(([id, facts]) => [id, factsFrom(facts)]));

const resolvedOf = ({ given, when }: GoldenCase): Resolved =>
  resolve(
    documentFromJson(given["document"] as JsonObject),
    factsTable(given["assets"] as Record<string, Partial<AssetFacts>>),
    (when["sequence"] ?? null) as string | null,
  );

const framesOf = (one: GoldenCase): OnFrames =>
  onFrames(resolvedOf(one), one.when["fps_num"] as number, one.when["fps_den"] as number);

/** As parsed JSON, without the details of diagnostics, which are for people. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, item: unknown) => {
    if (typeof item !== "object" || item === null || !("level" in item)) return item;
    const { detail: _detail, ...rest } = item as Record<string, unknown>;
    return rest;
  });

const timeAnswer = (given: GoldenCase["given"], call: string, of: number): unknown => {
  const at = flicks(of);
  if (call === "sample") return sample(at, given["sample_rate"] as number);
  if (call === "local") {
    const [num, den] = given["speed"] as [number, number];
    return local(at, given["start"] as Flicks, given["source_in"] as Flicks, num, den);
  }
  if (call === "picture") return picture(at, factsFrom(given["asset"] as Partial<AssetFacts>));
  const grid = rate(given["fps_num"] as number, given["fps_den"] as number);
  if (call === "timecode") {
    return timecode(at, grid, {
      startTc: (given["start_tc"] ?? 0) as Flicks,
      dropFrame: (given["drop_frame"] ?? false) as boolean,
    });
  }
  if (call === "tick") return tick(frames(of), grid);
  if (call === "middle") return middle(frames(of), grid);
  if (call === "frame") return frame(at, grid);
  return call === "snapped" ? snapped(at, grid) : frameContaining(at, grid);
};

const orderKeysAnswer = ({ given, when }: GoldenCase): unknown => {
  try {
    const { left, right } = given as { left: string | null; right: string | null };
    return keysBetween(left, right, when["count"] as number);
  } catch (cause) {
    if (cause instanceof BadOrderKey) return { refused: true };
    throw cause;
  }
};

const keyframesAnswer = ({ given, when }: GoldenCase): unknown => {
  if ("weights" in when) {
    const curve = given["curve"] as string;
    return (when["weights"] as number[]).map((share) => fadeWeight(curve, share));
  }
  if ("curve" in when) {
    const read = readRecord("c1", given["record"] as JsonObject, CLIPS);
    return readClip(read, "video", new Findings())?.curves[when["curve"] as string] ?? null;
  }
  const { low, high } = given as { low: number | null; high: number | null };
  return (when["evaluated"] as number[]).map((at) =>
    evaluated(given["keys"] as Key[], at, low ?? undefined, high ?? undefined),
  );
};

const editAnswer = ({ given, when }: GoldenCase): unknown => {
  const ids = [...(when["new_ids"] as string[])];
  const commands = (when["commands"] ?? [when["command"]]) as JsonObject[];
  const document = documentFromJson(given["document"] as JsonObject);
  const assets = factsTable(given["assets"] as Record<string, Partial<AssetFacts>>);
  try {
    const { changes, clamped } = edited(document, assets, commands, () => {
      const id = ids.shift();
      if (id === undefined) throw new Error("the edit wants more new ids");
      return id;
    });
    expect(ids).toEqual([]);
    return clamped.length === 0 ? { changes } : { changes, clamped };
  } catch (cause) {
    if (!(cause instanceof EditRefused)) throw cause;
    return { refused: { code: cause.code, id: cause.recordId } };
  }
};

const undoAnswer = ({ given, when }: GoldenCase): unknown =>
  undoPatch(
    documentFromJson(given["document"] as JsonObject),
    when["changes"] as unknown as Change[],
  );

const ANSWERS: Readonly<Record<string, (one: GoldenCase) => unknown>> = {
  time: ({ given, when }) =>
    (when["of"] as number[]).map((of) => timeAnswer(given, when["call"] as string, of)),
  order_keys: orderKeysAnswer,
  keyframes: keyframesAnswer,
  resolve: (one) => resolvedJson(resolvedOf(one)),
  edits: editAnswer,
  undo: undoAnswer,
  on_frames: (one) => framesJson(framesOf(one)),
  grade: ({ given }) => (given["params"] as Props[]).map(gradeOf),
  layers: (one) =>
    (one.when["frames"] as Frames[]).map((number) =>
      layers(framesOf(one), number, (one.when["of"] ?? null) as string | null).map(layerJson),
    ),
};

describe.each(Object.entries(ANSWERS))("golden %s", (area, answer) => {
  it.each(goldenCases(area))("$rule: $name", (one) => {
    expect(plain(answer(one))).toEqual(plain(one.then));
  });
});
