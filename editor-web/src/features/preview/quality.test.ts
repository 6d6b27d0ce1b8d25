import { beforeEach, describe, expect, it } from "vitest";
import { nextQuality, QualityGauge } from "./quality";

let gauge: QualityGauge;
let frame = 0;
const play = (...late: readonly boolean[]): void => {
  for (const isLate of late) {
    frame += 1;
    gauge.played(frame, isLate);
  }
};

beforeEach(() => {
  gauge = new QualityGauge();
  frame = 0;
});

describe("the quality of the preview", () => {
  it("editor-V13: auto is half after three late frames in a row, and full when paused", () => {
    play(false, true, true, false, true, true);
    expect(gauge.share).toBe(1);
    play(true);
    expect(gauge.share).toBe(0.5);
    play(false, false, false);
    expect(gauge.share).toBe(0.5);
    gauge.pause();
    expect(gauge.share).toBe(1);
  });

  it("editor-V13: a frame drawn again counts once, and what is late before the first in time not at all", () => {
    play(true, true, true, true);
    expect(gauge.share).toBe(1);
    play(false, true);
    for (let again = 0; again < 5; again += 1) gauge.played(frame, true);
    expect(gauge.share).toBe(1);
  });

  it("editor-V13: what is chosen stays, however late frames are", () => {
    gauge.choose("half");
    play(false, false);
    expect(gauge.share).toBe(0.5);
    gauge.choose("full");
    play(false, true, true, true, true);
    expect(gauge.share).toBe(1);
    gauge.choose("auto");
    expect(gauge.share).toBe(1);
  });

  it("editor-V13: goes round auto, full and half", () => {
    expect(nextQuality("auto")).toBe("full");
    expect(nextQuality("full")).toBe("half");
    expect(nextQuality("half")).toBe("auto");
  });
});
