import { describe, expect, it } from "vitest";
import { flicks, TICKS } from "@/timeline-core/time";
import {
  changeCommand,
  EASINGS,
  type Easing,
  easingOf,
  keyframesOf,
  localTime,
  sequenceTime,
  toggleCommands,
  valueAt,
  withEasing,
} from "./animated";

const still = { start: 10 * TICKS, duration: 4 * TICKS, source_in: TICKS, x: 0.25 };
const moving = {
  ...still,
  "kf:x:b": [2 * TICKS, 1, "linear"],
  "kf:x:a": [TICKS, 0, "linear"],
  "kf:x:gone": null,
  "kf:x:bad": "no keyframe",
  "kf:y:a": [TICKS, 5, "hold"],
};
const target = (record: typeof still, at: number) =>
  ({ map: "clips", id: "c", record, at }) as const;

describe("animated values", () => {
  it("editor-I3: count in the clip's own time, there and back", () => {
    expect(localTime(still, flicks(11 * TICKS))).toBe(2 * TICKS);
    expect(sequenceTime(still, 2 * TICKS)).toBe(11 * TICKS);
    const fast = { ...still, speed_num: 2 };
    expect(localTime(fast, flicks(11 * TICKS))).toBe(3 * TICKS);
    expect(sequenceTime(fast, 3 * TICKS)).toBe(11 * TICKS);
    expect(localTime({ ...fast, kind: "title" }, flicks(11 * TICKS))).toBe(2 * TICKS);
    expect(sequenceTime({ ...still, speed_num: 0 }, TICKS)).toBeNull();
  });

  it("editor-I3: are read in order, without what is gone or none", () => {
    expect(keyframesOf(moving, "x").map((key) => key[1])).toEqual([0, 1]);
    expect(valueAt(moving, "x", 0, 1.5 * TICKS)).toBe(0.5);
    expect(valueAt(still, "x", 0, 0)).toBe(0.25);
    expect(valueAt(still, "scale_x", 1, 0)).toBe(1);
  });

  it("editor-I3: change by a keyframe where they have some, else as they are", () => {
    expect(changeCommand(target(still, TICKS), "x", 0.5, 0)).toEqual({
      op: "set",
      map: "clips",
      id: "c",
      values: { x: 0.5 },
    });
    expect(changeCommand(target(still, TICKS), "x", 0, 0)["values"]).toEqual({ x: null });
    expect(changeCommand(target(moving, 1.5 * TICKS), "x", 0.5, 0)).toMatchObject({
      op: "set_keyframe",
      prop: "x",
      keyframe: [1.5 * TICKS, 0.5],
    });
    expect(changeCommand(target(moving, TICKS), "y", 9, 0)).toMatchObject({
      keyframe: [TICKS, 9, "hold"],
    });
  });

  it("editor-I3: get a keyframe at the playhead, lose it, and keep the value of the last", () => {
    expect(toggleCommands(target(still, TICKS), "x", 0)).toMatchObject([
      { op: "set_keyframe", keyframe: [TICKS, 0.25, "linear"] },
    ]);
    expect(toggleCommands(target(moving, TICKS), "x", 0)).toMatchObject([
      { op: "remove_keyframe", t: TICKS },
    ]);
    expect(toggleCommands(target(moving, TICKS), "y", 0)).toMatchObject([
      { op: "remove_keyframe", prop: "y" },
      { op: "set", values: { y: 5 } },
    ]);
  });

  it("editor-I3: of an effect move its parameter under the parameter's bare name", () => {
    const blur = { "p:sigma_h": 0.01, "kf:sigma_h:a": [TICKS, 0.5, "linear"] };
    const place = { map: "effects", id: "e", record: blur, at: TICKS } as const;
    expect(valueAt(blur, "p:sigma_h", 0, 0)).toBe(0.5);
    expect(changeCommand(place, "p:sigma_h", 0.2, 0)).toMatchObject({
      op: "set_keyframe",
      map: "effects",
      prop: "sigma_h",
      keyframe: [TICKS, 0.2, "linear"],
    });
    expect(toggleCommands(place, "p:sigma_h", 0)).toEqual([
      { op: "remove_keyframe", map: "effects", id: "e", prop: "sigma_h", t: TICKS },
      { op: "set", map: "effects", id: "e", values: { "p:sigma_h": 0.5 } },
    ]);
  });

  it("editor-I3: ease by name", () => {
    for (const name of Object.keys(EASINGS) as Easing[]) {
      expect(easingOf(withEasing([0, 1, "linear"], name))).toBe(name);
    }
    expect(easingOf([0, 1, "bezier", 0.1, 0.2, 0.3, 0.4])).toBe("custom");
  });
});
