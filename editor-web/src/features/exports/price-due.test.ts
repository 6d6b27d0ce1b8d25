import { expect, test } from "vitest";
import { priceDueIn } from "./price-due";

test("the price is asked five seconds after the last edit", () => {
  expect(priceDueIn(10_000, 10_000, null)).toBe(5000);
  expect(priceDueIn(14_999, 10_000, null)).toBe(1);
  expect(priceDueIn(99_000, 10_000, null)).toBe(0);
});

test("the price is asked every fifteen seconds at most, however often one edits", () => {
  expect(priceDueIn(20_000, 10_000, 19_000)).toBe(14_000);
  expect(priceDueIn(34_000, 33_000, 19_000)).toBe(4000);
});
