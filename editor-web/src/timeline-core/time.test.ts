import fc from "fast-check";
import { expect, it } from "vitest";
import {
  flicks,
  floorDiv,
  frame,
  frameContaining,
  frames,
  local,
  middle,
  mulDiv,
  type Rate,
  rate,
  sample,
  snapped,
  TICK_MAX,
  TICKS,
  tick,
  timecode,
} from "./time";

const RATES: readonly Rate[] = [
  rate(24_000, 1001),
  rate(24),
  rate(25),
  rate(30_000, 1001),
  rate(30),
  rate(60_000, 1001),
  rate(120),
  rate(240),
];
const rates = fc.constantFrom(...RATES);
const frameNumbers = fc.integer({ min: -(2 ** 30), max: 2 ** 30 }).map(frames);
const ticks = fc.integer({ min: -TICK_MAX, max: TICK_MAX }).map(flicks);

it("timeline-T1: a frame begins at a whole tick at all broadcast rates", () => {
  expect(tick(frames(1), rate(30_000, 1001))).toBe(23_543_520);
  expect(tick(frames(30_000), rate(30_000, 1001))).toBe(1001 * TICKS);
});

it("timeline-T2: the middle of a frame lies inside it", () => {
  fc.assert(
    fc.property(frameNumbers, rates, (number, grid) => {
      expect(frameContaining(middle(number, grid), grid)).toBe(number);
    }),
  );
});

it("timeline-T3: a boundary falls on the first frame whose middle is at or after it", () => {
  fc.assert(
    fc.property(ticks, rates, (at, grid) => {
      const first = frame(at, grid);
      expect(middle(first, grid)).toBeGreaterThanOrEqual(at);
      expect(middle(frames(first - 1), grid)).toBeLessThan(at);
    }),
  );
});

it("timeline-T4: sound boundaries fall on samples by the same rule", () => {
  expect(sample(flicks(TICKS), 48_000)).toBe(48_000);
  expect(sample(flicks(7350), 48_000)).toBe(0);
  expect(sample(flicks(7351), 48_000)).toBe(1);
});

it("timeline-T6: local time floors towards minus infinity", () => {
  expect(local(flicks(-1), flicks(0), flicks(10), 1, 2)).toBe(9);
  expect(local(flicks(3), flicks(0), flicks(10), -1, 2)).toBe(8);
});

it("timeline-T7: timecode labels drop two numbers a minute, except every tenth", () => {
  const grid = rate(30_000, 1001);
  const label = (number: number) => timecode(tick(frames(number), grid), grid, { dropFrame: true });
  expect(label(1799)).toBe("00:00:59;29");
  expect(label(1800)).toBe("00:01:00;02");
  expect(label(17_982)).toBe("00:10:00;00");
  expect(timecode(flicks(TICKS * 3661), rate(25))).toBe("01:01:01:00");
});

it("timeline-E2: snapping is idempotent and moves at most half a frame", () => {
  fc.assert(
    fc.property(ticks, rates, (at, grid) => {
      const there = snapped(at, grid);
      expect(snapped(there, grid)).toBe(there);
      expect(Math.abs(there - at) * 2).toBeLessThanOrEqual((TICKS * grid.den) / grid.num + 2);
    }),
  );
});

it("timeline-T6: products beyond 2^53 are divided without loss", () => {
  const numbers = fc.integer({ min: -TICK_MAX, max: TICK_MAX });
  const factors = fc.integer({ min: -1e5, max: 1e5 });
  const divisors = fc.integer({ min: 1, max: 1e5 });
  fc.assert(
    fc.property(numbers, factors, divisors, (a, b, c) => {
      const exact = floorDiv(BigInt(a) * BigInt(b), BigInt(c));
      expect(mulDiv(a, b, c)).toBe(Number(exact));
    }),
  );
});
