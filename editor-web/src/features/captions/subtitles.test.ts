import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TICKS } from "@/timeline-core/time";
import { LINES_MAX, type Line, readSubtitles, writeSrt, writeVtt } from "./subtitles";

const MS = TICKS / 1000;

describe("subtitles", () => {
  it("editor-T2: reads SubRip with numbers, commas, tags and Windows line ends", () => {
    const file =
      "\ufeff1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Hello</i>\r\nthere\r\n\r\n2\r\n00:01:00,000 --> 00:01:01,250\r\n{\\an8}Bye\r\n";
    expect(readSubtitles(file)).toEqual([
      { start: 1500 * MS, end: 3000 * MS, text: "Hello\nthere", speaker: "", words: [] },
      { start: 60_000 * MS, end: 61_250 * MS, text: "Bye", speaker: "", words: [] },
    ]);
  });

  it("editor-T2: reads WebVTT with notes, voices, entities and times of words", () => {
    const file = `WEBVTT - a film

NOTE nobody reads this

intro
00:01.000 --> 00:03.000 align:start
<v Ana>Fish <00:01.500>&amp; <00:02.000>chips`;
    expect(readSubtitles(file)).toEqual([
      {
        start: 1000 * MS,
        end: 3000 * MS,
        text: "Fish & chips",
        speaker: "Ana",
        words: [
          [0, 500 * MS, "Fish"],
          [500 * MS, 500 * MS, "&"],
          [1000 * MS, 1000 * MS, "chips"],
        ],
      },
    ]);
  });

  it("editor-T2: takes no line that ends before it begins, or says nothing", () => {
    expect(readSubtitles("00:03,000 --> 00:01,000\nx\n\n00:01,000 --> 00:02,000\n \n")).toEqual([]);
    expect(readSubtitles("no subtitles at all")).toEqual([]);
  });

  it("editor-T2: takes a limited number of lines", () => {
    const one = "00:00:01,000 --> 00:00:02,000\nx\n\n";
    expect(readSubtitles(one.repeat(LINES_MAX + 10))).toHaveLength(LINES_MAX);
  });

  const text = fc
    .stringMatching(/^[A-Za-zäöü&<>\u05d0-\u05ea ]{1,40}$/)
    .map((words) => words.trim())
    .filter((words) => words !== "");
  const line = fc
    .tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 60_000 }), text)
    .map(
      ([start, length, words]): Line => ({
        start: start * MS,
        end: (start + length) * MS,
        text: words,
        speaker: "",
        words: [],
      }),
    );
  const lines = fc
    .array(line, { maxLength: 8 })
    .map((all) => all.sort((one, other) => one.start - other.start));

  it("editor-T2: reads back what it wrote, whatever the script", () => {
    fc.assert(
      fc.property(lines, (all) => {
        expect(readSubtitles(writeVtt(all))).toEqual(all);
      }),
    );
    fc.assert(
      fc.property(lines, (all) => {
        const plain = all.map((one) => ({ ...one, text: one.text.replaceAll(/[<>&]/g, "-") }));
        expect(readSubtitles(writeSrt(plain))).toEqual(plain);
      }),
    );
  });

  it("editor-T2: keeps words and voices over WebVTT", () => {
    const spoken: Line = {
      start: 2 * TICKS,
      end: 4 * TICKS,
      text: "one two",
      speaker: "Bea",
      words: [
        [0, TICKS, "one"],
        [TICKS, TICKS, "two"],
      ],
    };
    expect(readSubtitles(writeVtt([spoken]))).toEqual([spoken]);
  });
});
