/** What people type into the timecode field: `1500` is 15:00, `1:30`, `+30` and `-12` are frames. */
import {
  type Flicks,
  type Frames,
  flicks,
  frameContaining,
  type Rate,
  tick,
} from "@/timeline-core/time";

type Where = { readonly rate: Rate; readonly startTc: Flicks; readonly playhead: Flicks };

/** The time meant; null where the text means none. Never below zero. */
export function parseTimecode(typed: string, { rate, startTc, playhead }: Where): Flicks | null {
  const text = typed.trim();
  const step = /^([+-])\s*(\d{1,7})$/.exec(text);
  if (step) {
    const frames = Number(step[2]) * (step[1] === "-" ? -1 : 1);
    return atLeastZero(tick((frameContaining(playhead, rate) + frames) as Frames, rate));
  }
  const parts = partsOf(text);
  if (!parts) return null;
  const nominal = Math.ceil(rate.num / rate.den);
  const [hours, minutes, seconds, frames] = parts;
  const number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames;
  return atLeastZero(tick(number as Frames, rate) - startTc);
}

const atLeastZero = (at: number): Flicks => flicks(Math.max(0, at));

type Parts = readonly [number, number, number, number];

/** Hours, minutes, seconds, frames: from the right, as pairs of digits or between signs. */
function partsOf(text: string): Parts | null {
  const pieces = /^\d{1,8}$/.test(text)
    ? (text.padStart(8, "0").match(/\d\d/g) ?? [])
    : text.split(/[:;.]/);
  if (pieces.length > 4 || pieces.length === 0) return null;
  if (!pieces.every((piece) => /^\d{1,3}$/.test(piece))) return null;
  const numbers = pieces.map(Number);
  while (numbers.length < 4) numbers.unshift(0);
  return numbers as unknown as Parts;
}
