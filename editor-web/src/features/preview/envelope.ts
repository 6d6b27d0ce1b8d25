/** Gain over time of one sound span, sampled for the audio graph. */

import { evaluated } from "@/timeline-core/keyframes";
import type { Key, SequenceView, Span, TrackView } from "@/timeline-core/resolved";
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";
import { numberOf, textOf } from "./placement";

const SILENCE_DB = -96;
/** Hard cuts get short ramps, as the export's do [export-X14]. */
const CUT_RAMP_TICKS = 0.005 * TICKS;

export const gainOf = (db: number): number => (db <= SILENCE_DB ? 0 : 10 ** (db / 20));

const shaped = (part: number, curve: string): number => {
  const w = Math.max(0, Math.min(1, part));
  if (curve === "linear") return w;
  if (curve === "ease") return w * w * (3 - 2 * w);
  return Math.sqrt(w);
};

/** Where a crossfade reaches into a span, and by which curve. */
export interface Crossfade {
  readonly start: number;
  readonly end: number;
  readonly rising: boolean;
  readonly curve: string;
}

export const crossfadesOf = (sequence: SequenceView, track: TrackView, span: Span): Crossfade[] =>
  sequence.transitions
    .filter((use) => use.track === track.id && (use.left === span.clip || use.right === span.clip))
    .filter((use) =>
      use.left === span.clip ? use.at === span.start + span.duration : use.at === span.start,
    )
    .map((use) => ({
      start: use.at - use.in_offset,
      end: use.at + use.out_offset,
      rising: use.right === span.clip,
      curve: textOf(use.params, "curve", "equal_power"),
    }));

/** The stretch in which a span sounds, its crossfades included. */
export const sounding = (
  span: Span,
  crossfades: readonly Crossfade[],
): { start: number; end: number } => {
  let start: number = span.start;
  let end: number = span.start + span.duration;
  for (const fade of crossfades) {
    if (fade.rising) start = Math.min(start, fade.start);
    else end = Math.max(end, fade.end);
  }
  return { start, end };
};

/** A level where it is animated, else the one that stands still. */
const levelAt = (keys: readonly Key[] | undefined, at: Flicks, still: number): number =>
  keys && keys.length > 0 ? evaluated(keys, at) : still;

/** Linear gain of a span at a sequence tick: clip and track gain, fades, crossfades, short ramps. */
export const gainAt = (
  track: TrackView,
  span: Span,
  crossfades: readonly Crossfade[],
  at: number,
): number => {
  const clip = numberOf(span.props, "gain_db", 0);
  const lane = numberOf(track.props, "gain_db", 0);
  const local = flicks(
    span.local_in + Math.floor(((at - span.start) * span.speed[0]) / span.speed[1]),
  );
  let gain =
    gainOf(levelAt(span.curves["gain_db"], local, clip)) *
    gainOf(levelAt(track.curves["gain_db"], flicks(at), lane));
  const fadeIn = numberOf(span.props, "fade_in", 0);
  const fadeOut = numberOf(span.props, "fade_out", 0);
  const into = at - span.clip_start;
  const left = span.clip_start + span.clip_duration - at;
  if (fadeIn > 0) gain *= shaped(into / fadeIn, textOf(span.props, "fade_in_curve", "equal_power"));
  if (fadeOut > 0)
    gain *= shaped(left / fadeOut, textOf(span.props, "fade_out_curve", "equal_power"));
  for (const fade of crossfades) {
    const part = (at - fade.start) / (fade.end - fade.start);
    gain *= shaped(fade.rising ? part : 1 - part, fade.curve);
  }
  const { start, end } = sounding(span, crossfades);
  gain *= Math.max(0, Math.min(1, (at - start) / CUT_RAMP_TICKS, (end - at) / CUT_RAMP_TICKS));
  return gain;
};
