import { describe, expect, it } from "vitest";
import { documentFromJson, type JsonObject } from "@/timeline-core/model";
import { onFrames } from "@/timeline-core/on-frames";
import { resolve } from "@/timeline-core/resolve";
import { flicks, TICKS } from "@/timeline-core/time";
import type { Block } from "./mix";
import { type Decoding, renderedSound } from "./rendered-sound";
import { SAMPLE_RATE, SoundPlan } from "./sound-plan";

const SECONDS = 300;

/** A long film: a sound under all of it, and a voice that comes and goes. */
const planOf = (effects: JsonObject): SoundPlan => {
  const facts = {
    state: "ready",
    duration: flicks(SECONDS * TICKS),
    fps_num: 30,
    fps_den: 1,
    has_video: false,
    has_audio: true,
    start_tc: flicks(0),
  } as const;
  const clip = (track: string, start: number, seconds: number): JsonObject => ({
    track,
    asset: "as",
    start: start * TICKS,
    duration: seconds * TICKS,
  });
  const document = {
    meta: { main_sequence: "seq" },
    sequences: { seq: { fps_num: 30, fps_den: 1 } },
    tracks: {
      music: { sequence: "seq", kind: "audio", order: "a0" },
      voice: { sequence: "seq", kind: "audio", order: "a1" },
    },
    clips: {
      under: clip("music", 0, SECONDS),
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`v${index}`, clip("voice", index * 15, 5)]),
      ),
    },
    effects,
  };
  const table = new Map([["as", facts]]);
  const frames = onFrames(resolve(documentFromJson(document), table), 30, 1);
  const view = frames.resolved.sequences.get(frames.resolved.sequence);
  if (!view) throw new Error("no sequence");
  return new SoundPlan(frames, view, () => ({ url: "/sound", channels: 2 }));
};

const DUCKED = { d: { owner: "music", kind: "ducking", order: "a0", "p:by": "voice" } };

/** A wave that tells its place, and how many samples were asked for. */
const listening = (): Decoding & { asked: number } => ({
  asked: 0,
  ready(needs) {
    for (const { count } of needs) this.asked += count;
    return Promise.resolve();
  },
  read: (_, start, count): Block => {
    const side = Float32Array.from({ length: count }, (__, index) =>
      Math.sin((start + index) / 50 + (start + index) / 1e6),
    );
    return [side, side.slice()];
  },
});

describe("the sound of a stretch", () => {
  for (const [name, effects] of [
    ["plain", {}],
    ["ducked", DUCKED],
  ] as const) {
    it(`editor-V15: is the same wherever it begins, ${name}`, async () => {
      const plan = planOf(effects);
      const from = 15 * SAMPLE_RATE + 1_234;
      const count = 4 * SAMPLE_RATE;
      const [whole] = await renderedSound(plan, listening(), 0, from + count);
      const [part] = await renderedSound(plan, listening(), from, count);
      expect(part).toHaveLength(count);
      let most = 0;
      for (let at = 0; at < count; at += 1)
        most = Math.max(most, Math.abs((part[at] ?? 0) - (whole[from + at] ?? 0)));
      expect(most).toBeLessThan(1e-6);
    });

    it(`editor-V15: a moment late in the film needs no sound of its beginning, ${name}`, async () => {
      const decoding = listening();
      await renderedSound(planOf(effects), decoding, 290 * SAMPLE_RATE, 0.04 * SAMPLE_RATE);
      expect(decoding.asked).toBeLessThan(2 * SAMPLE_RATE);
      expect(decoding.asked).toBeGreaterThan(0);
    });
  }
});
