import { describe, expect, it } from "vitest";
import { type Stage, useStage } from "@/lib/stage";
import { flicks, TICKS } from "@/timeline-core/time";
import { loopedTo } from "./use-playing";

const FRAME = TICKS / 30;
const stage = (part: Partial<Stage>): Stage => ({
  ...useStage.getState(),
  playing: true,
  loop: true,
  range: { from: flicks(TICKS), to: flicks(3 * TICKS) },
  ...part,
});
const looped = (now: Partial<Stage>, before: Partial<Stage>) =>
  loopedTo(stage(now), stage(before), flicks(10 * TICKS), FRAME);

describe("the loop", () => {
  it("editor-L1: goes from out to in, and nowhere before", () => {
    expect(looped({ playhead: flicks(2.9 * TICKS) }, { playhead: flicks(2.8 * TICKS) })).toBeNull();
    expect(looped({ playhead: flicks(3 * TICKS) }, { playhead: flicks(2.9 * TICKS) })).toBe(TICKS);
  });

  it("editor-L1: leaves alone who plays behind the out point, or backwards, or stopped", () => {
    const behind = { playhead: flicks(5 * TICKS) };
    expect(looped({ playhead: flicks(5.1 * TICKS) }, behind)).toBeNull();
    const crossing = [{ playhead: flicks(3 * TICKS) }, { playhead: flicks(2.9 * TICKS) }] as const;
    expect(looped(crossing[0], { ...crossing[1], shuttle: -1 })).toBeNull();
    expect(looped({ ...crossing[0], playing: false }, crossing[1])).toBeNull();
  });

  it("editor-L1: begins again at the film's end where no out point is set", () => {
    const range = { from: null, to: null };
    const before = { range, playhead: flicks(9.99 * TICKS) };
    expect(looped({ range, playhead: flicks(10 * TICKS), playing: false }, before)).toBe(0);
  });
});
