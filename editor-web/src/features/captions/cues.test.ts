import { describe, expect, it } from "vitest";
import { documentFromJson } from "@/timeline-core/model";
import { TICKS } from "@/timeline-core/time";
import { addLine, clipFor, cueLines, lineOf, spreadWords, wordMoved } from "./cues";

const DOCUMENT = documentFromJson({
  tracks: { t: { kind: "caption" } },
  clips: {
    a: { track: "t", kind: "captions", start: TICKS, duration: 9 * TICKS, source_in: 0 },
    b: {
      track: "t",
      kind: "captions",
      start: 20 * TICKS,
      duration: 5 * TICKS,
      source_in: 3 * TICKS,
    },
  },
  cues: {
    late: { clip: "b", t: 4 * TICKS, duration: TICKS, text: "Late" },
    early: { clip: "a", t: 0, duration: TICKS, text: "Early" },
    gone: { clip: "a", t: 0, text: "Gone", removed: true },
  },
});
const tracks = new Set(["t"]);

describe("lines of captions", () => {
  it("editor-T3: stand where their clips put them, in order of time", () => {
    const lines = cueLines(DOCUMENT, tracks);
    expect(lines.map(({ id, start }) => [id, start / TICKS])).toEqual([
      ["early", 1],
      ["late", 21],
    ]);
    expect(cueLines(DOCUMENT, new Set())).toEqual([]);
  });

  it("editor-T3: go back into the clip that holds their time", () => {
    const [, late] = cueLines(DOCUMENT, tracks);
    if (!late) throw new Error("no line");
    const clip = clipFor(DOCUMENT, tracks, late.start);
    expect(clip?.id).toBe("b");
    expect(addLine("b", clip?.offset ?? 0, lineOf(late))).toEqual({
      op: "add_cue",
      clip: "b",
      t: 4 * TICKS,
      duration: TICKS,
      text: "Late",
    });
    expect(clipFor(DOCUMENT, tracks, 100 * TICKS)?.id).toBe("b");
  });

  it("editor-T3: spread their words over their length without a gap", () => {
    const words = spreadWords("one three  five", 1300);
    expect(words.map(([, , word]) => word)).toEqual(["one", "three", "five"]);
    expect(words.reduce((sum, [, length]) => sum + length, 0)).toBe(1300);
    for (const [index, [t]] of words.entries()) {
      const before = words[index - 1];
      expect(t).toBe(before ? before[0] + before[1] : 0);
    }
  });

  it("editor-T3: move the start of a word between those beside it", () => {
    const words = spreadWords("ab cd ef", 600);
    expect(wordMoved(words, 1, 300)).toEqual([
      [0, 300, "ab"],
      [300, 100, "cd"],
      [400, 200, "ef"],
    ]);
    expect(wordMoved(words, 1, 9_999)[1]).toEqual([399, 1, "cd"]);
    expect(wordMoved(words, 1, -5)[0]).toEqual([0, 1, "ab"]);
  });
});
