import { describe, expect, it } from "vitest";
import { clamped, parseNumber, rounded } from "./number-input";

describe("typed numbers", () => {
  it.each([
    ["12", 12],
    ["1,5", 1.5],
    ["-5", -5],
    ["1920/2", 960],
    ["2+3*4", 14],
    ["(2+3)*4", 20],
    ["+10", 110],
    ["*1.5", 150],
    ["/4", 25],
    ["90 %", 90],
    ["45°", 45],
    ["-6 dB", -6],
    ["3−1", 2],
    ["--2", 2],
  ])("editor-I1: %s is %f, from 100", (typed, expected) => {
    expect(parseNumber(typed, 100)).toBe(expected);
  });

  it.each(["", "abc", "1+", "2)", "(2", "1/0", "1 2", "alert(1)"])(
    "editor-I1: %s is none",
    (typed) => {
      expect(parseNumber(typed, 100)).toBeNull();
    },
  );

  it("editor-I1: stays within limits and leaves no float noise", () => {
    expect(clamped(11, 0, 10)).toBe(10);
    expect(rounded(0.1 + 0.2, 4)).toBe(0.3);
  });
});
