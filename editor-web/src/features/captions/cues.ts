/** The lines of a sequence, out of the document, and what adding some means as commands. Pure. */
import type { Command } from "@/timeline-core/commands";
import type { DocRecord, Json, TimelineDocument } from "@/timeline-core/model";
import { TICKS } from "@/timeline-core/time";
import type { Line, Word } from "./subtitles";

/** A line where it stands: `start` in ticks of the sequence, `offset` is that minus its stored time. */
export type CueLine = {
  readonly id: string;
  readonly clip: string;
  readonly start: number;
  readonly duration: number;
  readonly offset: number;
  readonly text: string;
  readonly speaker: string;
  readonly words: readonly Word[];
};

const USUAL_TICKS = 2 * TICKS;

const whole = (value: Json | undefined, usual: number): number =>
  typeof value === "number" && Number.isInteger(value) ? value : usual;
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const live = (record: DocRecord | undefined): record is DocRecord =>
  record !== undefined && record["removed"] !== true;

/** The lines on these tracks, by time; those of clips that were trimmed away are left out. */
export function cueLines(
  document: TimelineDocument,
  tracks: ReadonlySet<string>,
): readonly CueLine[] {
  const found: CueLine[] = [];
  for (const [id, cue] of document.cues) {
    const clip = document.clips.get(text(cue["clip"]));
    if (!live(cue) || !live(clip) || !tracks.has(text(clip["track"]))) continue;
    const offset = whole(clip["start"], 0) - whole(clip["source_in"], 0);
    found.push({
      id,
      clip: text(cue["clip"]),
      start: whole(cue["t"], 0) + offset,
      duration: Math.max(1, whole(cue["duration"], USUAL_TICKS)),
      offset,
      text: text(cue["text"]),
      speaker: text(cue["speaker"]),
      words: wordsOf(cue["words"]),
    });
  }
  return found.sort((one, other) => one.start - other.start || (one.id < other.id ? -1 : 1));
}

const wordsOf = (value: Json | undefined): readonly Word[] =>
  Array.isArray(value)
    ? (value as readonly Json[]).filter(
        (word): word is [number, number, string] =>
          Array.isArray(word) && typeof word[0] === "number" && typeof word[2] === "string",
      )
    : [];

export const lineOf = (cue: CueLine): Line => ({
  start: cue.start,
  end: cue.start + cue.duration,
  text: cue.text,
  speaker: cue.speaker,
  words: cue.words,
});

/** The captions clip that holds a time, else the last one; null where there is none. */
export function clipFor(
  document: TimelineDocument,
  tracks: ReadonlySet<string>,
  at: number,
): { readonly id: string; readonly offset: number; readonly end: number } | null {
  let last: { id: string; offset: number; end: number } | null = null;
  for (const [id, clip] of document.clips) {
    if (!live(clip) || !tracks.has(text(clip["track"]))) continue;
    const start = whole(clip["start"], 0);
    const end = start + whole(clip["duration"], 0);
    const here = { id, offset: start - whole(clip["source_in"], 0), end };
    if (start <= at && at < end) return here;
    if (!last || end > last.end) last = here;
  }
  return last;
}

export const addLine = (clip: string, offset: number, line: Line): Command => ({
  op: "add_cue",
  clip,
  t: Math.max(0, line.start - offset),
  duration: line.end - line.start,
  text: line.text,
  ...(line.speaker === "" ? {} : { speaker: line.speaker }),
  ...(line.words.length === 0 ? {} : { words: line.words.map(([...word]) => word) }),
});

/** Every word of the text at its share of the line, by its number of letters. */
export function spreadWords(line: string, duration: number): readonly Word[] {
  const words = line.split(/\s+/).filter(Boolean);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  return words.map((word): Word => {
    const from = Math.round((duration * before) / letters);
    before += word.length;
    return [from, Math.max(1, Math.round((duration * before) / letters) - from), word];
  });
}

/** One word begins at another time: it takes from, or gives to, the word before it. */
export function wordMoved(words: readonly Word[], index: number, at: number): readonly Word[] {
  const word = words[index];
  if (!word) return words;
  const before = words[index - 1];
  const low = before ? before[0] + 1 : 0;
  const high = word[0] + word[1] - 1;
  const to = Math.min(high, Math.max(low, Math.round(at)));
  return words.map((one, place): Word => {
    if (place === index) return [to, word[0] + word[1] - to, word[2]];
    return place === index - 1 ? [one[0], to - one[0], one[2]] : one;
  });
}
