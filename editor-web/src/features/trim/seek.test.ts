import { expect, it } from "vitest";
import { TICKS } from "@/timeline-core/time";
import { seekSeconds } from "./seek";

it("editor-G9: seeks to the middle of the picture that holds a time, never past the last", () => {
  expect(seekSeconds(0, 30, 1, null)).toBeCloseTo(0.5 / 30, 9);
  expect(seekSeconds(TICKS, 30, 1, null)).toBeCloseTo(30.5 / 30, 9);
  expect(seekSeconds(9 * TICKS, 30, 1, 2 * TICKS)).toBeCloseTo(59.5 / 30, 9);
  expect(seekSeconds(-5, 25, 1, TICKS)).toBeCloseTo(0.5 / 25, 9);
});
