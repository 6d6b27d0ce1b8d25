/** SubRip and WebVTT, read and written; times are ticks. What a line cannot carry is left out. Pure. */
import { TICKS } from "@/timeline-core/time";

/** A word with its start from the line's own start, and its length. */
export type Word = readonly [t: number, duration: number, text: string];

export type Line = {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly speaker: string;
  readonly words: readonly Word[];
};

export const LINES_MAX = 5_000; // a film of five hours has about that many
const WORDS_MAX = 2_000; // of one line; the document takes no more
const TEXT_MAX = 10_000;
const MILLISECOND = TICKS / 1000;

const TIME = /(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})/;
const RANGE = new RegExp(`${TIME.source}\\s*-->\\s*${TIME.source}`);
const INLINE = new RegExp(`<${TIME.source}>`, "g");
const TAG = /<\/?[^<>\n]{0,200}>|\{\\[^{}\n]{0,100}\}/g;
const VOICE = /<v(?:\.[^\s>]*)?\s+([^<>\n]{1,200})>/;
const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&nbsp;": " ",
  "&lrm;": "\u200e",
  "&rlm;": "\u200f",
};

/** The lines of a file, in order of time; empty where it holds none. */
export function readSubtitles(file: string): readonly Line[] {
  const blocks = file
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .split(/\n{2,}/);
  const lines: Line[] = [];
  for (const block of blocks) {
    const line = lineOf(block);
    if (line) lines.push(line);
    if (lines.length === LINES_MAX) break;
  }
  return lines.sort((one, other) => one.start - other.start);
}

function lineOf(block: string): Line | null {
  const rows = block.split("\n");
  const at = rows.findIndex((row) => RANGE.test(row));
  const found = at < 0 ? null : RANGE.exec(rows[at] ?? "");
  if (!found) return null;
  const start = ticksOf(found.slice(1, 5));
  const end = ticksOf(found.slice(5, 9));
  const raw = rows
    .slice(at + 1)
    .join("\n")
    .trim();
  const text = plain(raw).slice(0, TEXT_MAX);
  if (end <= start || text === "") return null;
  return {
    start,
    end,
    text,
    speaker: VOICE.exec(raw)?.[1]?.trim() ?? "",
    words: wordsOf(raw, start, end),
  };
}

const ticksOf = (parts: readonly (string | undefined)[]): number => {
  const [hours = "0", minutes = "0", seconds = "0", fraction = "0"] = parts;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * TICKS + Number(fraction.padEnd(3, "0")) * MILLISECOND;
};

const plain = (text: string): string =>
  text
    .replaceAll(TAG, "")
    .replaceAll(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();

/** `<00:01.500>` before a word says when it is spoken. */
function wordsOf(raw: string, start: number, end: number): readonly Word[] {
  const marks = [...raw.matchAll(INLINE)];
  if (marks.length === 0) return [];
  const pieces: { at: number; text: string }[] = [];
  const first = plain(raw.slice(0, marks[0]?.index ?? 0));
  if (first !== "") pieces.push({ at: start, text: first });
  for (const [index, mark] of marks.entries()) {
    const from = mark.index + mark[0].length;
    const text = plain(raw.slice(from, marks[index + 1]?.index ?? raw.length));
    if (text !== "") pieces.push({ at: ticksOf(mark.slice(1, 5)), text });
  }
  return pieces.slice(0, WORDS_MAX).flatMap(({ at, text }, index): Word[] => {
    const until = pieces[index + 1]?.at ?? end;
    return at < start || until <= at ? [] : [[at - start, until - at, text]];
  });
}

export function writeSrt(lines: readonly Line[]): string {
  return lines
    .map(
      ({ start, end, text }, index) =>
        `${index + 1}\n${label(start, ",")} --> ${label(end, ",")}\n${unbroken(text)}\n`,
    )
    .join("\n");
}

export function writeVtt(lines: readonly Line[]): string {
  const blocks = lines.map((line) => {
    const voice = line.speaker === "" ? "" : `<v ${escaped(line.speaker)}>`;
    return `${label(line.start, ".")} --> ${label(line.end, ".")}\n${voice}${spoken(line)}\n`;
  });
  return `WEBVTT\n\n${blocks.join("\n")}`;
}

const spoken = ({ words, text, start }: Line): string =>
  words.length === 0
    ? escaped(unbroken(text))
    : words
        .map(([t, , word]) =>
          t === 0 ? escaped(word) : `<${label(start + t, ".")}>${escaped(word)}`,
        )
        .join(" ");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** An empty row would end the line. */
const unbroken = (text: string): string => text.replaceAll(/\n{2,}/g, "\n");

function label(at: number, sign: "," | "."): string {
  const milliseconds = Math.round(at / MILLISECOND);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const [hours, minutes] = [milliseconds / 3_600_000, (milliseconds / 60_000) % 60];
  const seconds = (milliseconds / 1000) % 60;
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${sign}${String(milliseconds % 1000).padStart(3, "0")}`;
}
