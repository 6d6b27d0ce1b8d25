import { describe, expect, it } from "vitest";
import { evaluated } from "@/timeline-core/keyframes";
import type { Key } from "@/timeline-core/resolved";
import { TICKS } from "@/timeline-core/time";
import { cutRamp, rampCommands, rampOf, speedAfter, withoutCorner, withSpeed } from "./ramp";

const still = { start: 10 * TICKS, duration: 4 * TICKS, source_in: TICKS };

/** The record after its ramp has been written. */
function ramped(record: Record<string, unknown>, commands: ReturnType<typeof rampCommands>) {
  const next = { ...record };
  for (const command of commands) {
    const t = command.op === "set_keyframe" ? (command["keyframe"] as number[])[0] : command["t"];
    next[`kf:time:k${t}`] = command.op === "set_keyframe" ? command["keyframe"] : null;
  }
  return next as typeof still;
}
const cut = ramped(still, rampCommands("c", still, cutRamp(still, 3 * TICKS)));

describe("a speed ramp", () => {
  it("editor-I5: begins as the clip was, from its start to its end in its own time", () => {
    expect(rampOf(still)).toBeNull();
    expect(rampOf(cut)).toEqual({
      smooth: false,
      corners: [1, 3, 5].map((at) => ({ at: at * TICKS, source: at * TICKS })),
    });
    expect(cutRamp(cut, 3 * TICKS)).toEqual(rampOf(cut));
    expect(cutRamp(cut, 9 * TICKS)).toEqual(rampOf(cut));
  });

  it("editor-I5: gives one stretch another speed and leaves the later ones theirs", () => {
    const fast = withSpeed(cutRamp(still, 3 * TICKS), 0, 2);
    expect([speedAfter(fast, 0), speedAfter(fast, 1)]).toEqual([2, 1]);
    expect(fast.corners.map(({ source }) => source / TICKS)).toEqual([1, 5, 7]);
    expect(rampCommands("c", cut, fast)).toHaveLength(2);
    expect(withSpeed(fast, 1, -1).corners.at(-1)?.source).toBe(3 * TICKS);
  });

  it("editor-I5: glides where it is smooth, through the same corners, never back in between", () => {
    const ramp = { ...withSpeed(cutRamp(still, 3 * TICKS), 0, 2), smooth: true };
    const keys = rampCommands("c", still, ramp).map((one) => one["keyframe"] as unknown as Key);
    const values = Array.from({ length: 101 }, (_, step) =>
      evaluated(keys, TICKS * (1 + step / 25)),
    );
    for (const { at, source } of ramp.corners) {
      expect(Math.abs(evaluated(keys, at) - source)).toBeLessThan(1);
    }
    const steps = values
      .slice(1)
      .map((value, index) => (value - (values[index] ?? 0)) / (TICKS / 25));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    const jumps = steps.slice(1).map((step, index) => Math.abs(step - (steps[index] ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan(0.1); // a hard ramp jumps by 1
    expect(rampOf(ramped(still, rampCommands("c", still, ramp)))?.smooth).toBe(true);
  });

  it("editor-I5: loses a corner, or goes altogether", () => {
    const ramp = rampOf(cut);
    expect(ramp && withoutCorner(ramp, 1).corners).toHaveLength(2);
    expect(rampOf(ramped(cut, rampCommands("c", cut, null)))).toBeNull();
  });
});
