/**
 * Speed ramps: the curve of a clip's time [timeline-K4] as stretches that each have a speed. The
 * clip keeps its length; what is faster shows more of the source. Pure.
 */
import type { Command } from "@/timeline-core/commands";
import { evaluated } from "@/timeline-core/keyframes";
import type { DocRecord } from "@/timeline-core/model";
import type { Key } from "@/timeline-core/resolved";
import { flicks } from "@/timeline-core/time";
import { keyCommand, keyframesOf, localTime, removeKeyCommand } from "./animated";

/** A corner of the curve: the source tick that is shown at a local time. */
export interface Corner {
  readonly at: number;
  readonly source: number;
}

export interface Ramp {
  readonly corners: readonly Corner[];
  /** The speed glides from stretch to stretch. */
  readonly smooth: boolean;
}

const PROP = "time";

/** Where the clip begins and ends in its own time, the smaller first. */
function endsOf(clip: DocRecord): readonly [number, number] {
  const start = Number(clip["start"] ?? 0);
  const ends = [start, start + Number(clip["duration"] ?? 0)].map((at) =>
    localTime(clip, flicks(at)),
  );
  return [Math.min(...ends), Math.max(...ends)];
}

/** The ramp of a clip; null where its time runs evenly. */
export function rampOf(clip: DocRecord): Ramp | null {
  const keys = keyframesOf(clip, PROP);
  if (keys.length < 2) return null;
  return {
    corners: keys.map((key) => ({ at: Number(key[0]), source: Number(key[1]) })),
    smooth: keys.some((key) => key[2] === "bezier"),
  };
}

/** The speed of the stretch that begins at a corner; its mean where the speed glides. */
export function speedAfter({ corners }: Ramp, index: number): number {
  const [one, next] = [corners[index], corners[index + 1]];
  return one && next ? (next.source - one.source) / (next.at - one.at) : 0;
}

/** Another stretch begins at this local time; nothing looks different until its speed is changed. */
export function cutRamp(clip: DocRecord, at: number): Ramp {
  const [first, last] = endsOf(clip);
  const even = {
    corners: [first, last].map((time) => ({ at: time, source: time })),
    smooth: false,
  };
  const known = rampOf(clip);
  const { corners, smooth } = known ?? even;
  const [low, high] = [corners[0]?.at ?? first, corners.at(-1)?.at ?? last];
  const time = Math.round(at);
  if (time <= low || time >= high || corners.some((corner) => corner.at === time)) {
    return known ?? even;
  }
  const source = Math.round(known ? evaluated(keyframesOf(clip, PROP), time) : time);
  const all = [...corners, { at: time, source }].sort((one, other) => one.at - other.at);
  return { corners: all, smooth };
}

/** One stretch at another speed; the later ones keep theirs, so they show another part. */
export function withSpeed(ramp: Ramp, index: number, speed: number): Ramp {
  const [one, next] = [ramp.corners[index], ramp.corners[index + 1]];
  if (!one || !next) return ramp;
  const by = Math.round(one.source + (next.at - one.at) * speed) - next.source;
  return {
    ...ramp,
    corners: ramp.corners.map((corner, place) =>
      place > index ? { ...corner, source: corner.source + by } : corner,
    ),
  };
}

/** Without an inner corner: the two stretches beside it become one. */
export const withoutCorner = (ramp: Ramp, index: number): Ramp => ({
  ...ramp,
  corners: ramp.corners.filter((_, place) => place !== index),
});

/** The commands that make a clip's ramp this one; null takes it away. */
export function rampCommands(id: string, clip: DocRecord, ramp: Ramp | null): readonly Command[] {
  const target = { map: "clips", id, record: clip, at: 0 } as const;
  const before = keyframesOf(clip, PROP);
  const keys = ramp ? keysOf(ramp) : [];
  const times = new Set(keys.map((key) => key[0]));
  const known = new Map(before.map((key) => [key[0], JSON.stringify(key)]));
  return [
    ...before
      .filter((key) => !times.has(key[0]))
      .map((key) => removeKeyCommand(target, PROP, Number(key[0]))),
    ...keys
      .filter((key) => known.get(key[0]) !== JSON.stringify(key))
      .map((key) => keyCommand(target, PROP, key)),
  ];
}

function keysOf(ramp: Ramp): readonly Key[] {
  const last = ramp.corners.length - 1;
  return ramp.corners.map(({ at, source }, index): Key => {
    const speed = speedAfter(ramp, index);
    if (!ramp.smooth || index === last || speed === 0) return [at, source, "linear"] as Key;
    // A cubic with its handles a third in is a Hermite curve: y is a third of the slope at the end.
    const from = slopeAt(ramp, index) / speed / 3;
    const to = 1 - slopeAt(ramp, index + 1) / speed / 3;
    return [at, source, "bezier", 1 / 3, from, 2 / 3, to] as unknown as Key;
  });
}

/** The speed with which a corner is passed: the mean of both sides, at the ends that of the one. */
function slopeAt(ramp: Ramp, index: number): number {
  const last = ramp.corners.length - 1;
  const sides = [index - 1, index].filter((each) => each >= 0 && each < last);
  return sides.reduce((sum, each) => sum + speedAfter(ramp, each), 0) / Math.max(1, sides.length);
}
