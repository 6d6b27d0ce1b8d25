import { describe, expect, it } from "vitest";
import { documentFromJson, type JsonObject } from "@/timeline-core/model";
import { onFrames } from "@/timeline-core/on-frames";
import { resolve } from "@/timeline-core/resolve";
import type { OnFrames } from "@/timeline-core/resolved";
import { flicks, TICKS } from "@/timeline-core/time";
import { goldenCases } from "../../../tests/golden-cases";
import { type Block, Mixer, type Samples } from "./mix";
import { POINT_SAMPLES, SoundPlan } from "./sound-plan";

const BLOCK = 20 * POINT_SAMPLES;
const NOTHING: Samples = {
  read: (url) => {
    throw new Error(`tones need no file, not even ${url}`);
  },
};

/** Left is the number of the sample, right its negative: what is read shows in what comes out. */
const COUNTING: Samples = {
  read: (_, start, count): Block => [
    Float32Array.from({ length: count }, (__, index) => start + index),
    Float32Array.from({ length: count }, (__, index) => -(start + index)),
  ],
};

const framesOf = (document: JsonObject): OnFrames => {
  const facts = {
    state: "ready",
    duration: flicks(20 * TICKS),
    fps_num: 30,
    fps_den: 1,
    has_video: true,
    has_audio: true,
    start_tc: flicks(0),
  } as const;
  return onFrames(resolve(documentFromJson(document), new Map([["as", facts]])), 30, 1);
};

const planOf = (document: JsonObject, channels = 2): SoundPlan => {
  const frames = framesOf(document);
  const view = frames.resolved.sequences.get(frames.resolved.sequence);
  if (!view) throw new Error("no sequence");
  return new SoundPlan(frames, view, () => ({ url: "/sound", channels }));
};

const mixed = (plan: SoundPlan, samples: Samples): Block => {
  const mixer = new Mixer(plan, samples);
  const sides = [new Float32Array(plan.samples), new Float32Array(plan.samples)] as const;
  for (let start = 0; start < plan.samples; start += BLOCK) {
    const block = mixer.block(start, Math.min(BLOCK, plan.samples - start));
    for (const side of [0, 1] as const) sides[side].set(block[side], start);
  }
  return sides;
};

describe("editor-V7: sound is mixed as the film's", () => {
  for (const { name, given, when, then } of goldenCases("mix")) {
    it(`editor-V7: ${name}`, () => {
      const plan = planOf(given["document"] as JsonObject);
      const [left, right] = mixed(plan, NOTHING);
      const expected = then as unknown as { samples: number; left: number[]; right: number[] };
      expect(plan.samples).toBe(expected.samples);
      const step = when["step"] as number;
      for (const [heard, wanted] of [
        [left, expected.left],
        [right, expected.right],
      ] as const)
        for (const [index, value] of wanted.entries())
          expect(Math.abs((heard[index * step] ?? 0) - value)).toBeLessThan(3e-6);
    });
  }
});

const clipOf = (more: JsonObject): JsonObject => ({
  meta: { main_sequence: "s" },
  sequences: { s: { name: "Main", order: "a0" } },
  tracks: { a1: { sequence: "s", kind: "audio", order: "a0" } },
  clips: {
    c: {
      track: "a1",
      kind: "media",
      asset: "as",
      start: 0,
      duration: TICKS,
      source_in: 2 * TICKS,
      ...more,
    },
  },
});

const at = (more: JsonObject, sample: number, channels = 2): readonly [number, number] => {
  const [left, right] = mixed(planOf(clipOf(more), channels), COUNTING);
  return [left[sample] ?? 0, right[sample] ?? 0];
};

describe("editor-V8: clips read the samples that their ticks say", () => {
  it("editor-V8: at their own speed, one shift for the whole clip", () => {
    expect(at({}, 24_000)).toEqual([120_000, -120_000]);
  });

  it("editor-V8: faster, slower and backwards", () => {
    expect(at({ speed_num: 2 }, 10_000)[0]).toBeCloseTo(116_000, 1);
    expect(at({ speed_num: 1, speed_den: 2 }, 10_001)[0]).toBeCloseTo(101_000.5, 1);
    expect(at({ speed_num: -1 }, 10_000)[0]).toBeCloseTo(85_999, 1);
  });

  it("editor-V8: along a curve of time, silent where it stands still", () => {
    const curve = {
      "kf:time:a": [2 * TICKS, TICKS, "linear"],
      "kf:time:b": [2.5 * TICKS, 3 * TICKS, "linear"],
    };
    expect(at(curve, 6_000)[0]).toBeCloseTo(48_000 + 24_000, 0);
    expect(at(curve, 36_000)).toEqual([0, 0]);
  });

  it("editor-V8: one channel of two goes to both sides, one that is not there is silent", () => {
    expect(at({ source_channels: [1] }, 24_000)).toEqual([-120_000, -120_000]);
    expect(at({ source_channels: [5] }, 24_000)).toEqual([0, 0]);
  });

  it("editor-V8: says beforehand what it will read", () => {
    const mixer = new Mixer(planOf(clipOf({ speed_num: 2 })), COUNTING);
    const [need] = mixer.needs(9_600, 9_600);
    expect(need?.start).toBeLessThanOrEqual(96_000 + 19_200);
    expect((need?.start ?? 0) + (need?.count ?? 0)).toBeGreaterThanOrEqual(96_000 + 38_400);
    expect(need?.count).toBeLessThan(19_200 + 10);
  });
});
