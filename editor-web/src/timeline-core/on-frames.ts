/**
 * A resolved timeline on the frames of an output rate: quantised once, here [timeline-R11].
 *
 * Only pictures are cut on frames; sound is cut at `sample(t)` of the ticks. Nested sequences are
 * sampled at the middles of the outer frames and need no grid of their own.
 */
import { spanEnd } from "./cuts";
import { Findings } from "./diagnostics";
import type {
  CueSpan,
  OnFrames,
  Resolved,
  SequenceView,
  Span,
  TrackView,
  TransitionView,
} from "./resolved";
import { type Frames, flicks, frame, type Rate, rate } from "./time";

/**
 * `resolved` with start and end frames (exclusive) at `num/den` frames per second.
 *
 * Neighbours share a boundary. Spans of video and caption tracks without a frame are left out and
 * reported as `too_short`; so are transitions and cues, silently. The film has `frame(duration)`
 * frames.
 */
export const onFrames = (resolved: Resolved, num: number, den: number): OnFrames => {
  const grid = rate(num, den);
  const findings = new Findings();
  findings.keep(resolved.diagnostics);
  const sequences = new Map(resolved.sequences);
  const entry = sequences.get(resolved.sequence);
  if (entry !== undefined) sequences.set(entry.id, sequenceOnFrames(entry, grid, findings));
  return {
    resolved: { ...resolved, sequences, diagnostics: findings.diagnostics() },
    fps_num: num,
    fps_den: den,
    duration_frames: frame(resolved.duration, grid),
    drawable: resolved.diagnostics.every(({ code }) => code !== "too_complex"),
    cuts: cutsByTrack(sequences.values()),
  };
};

const present = <T>(value: T | null): value is T => value !== null;

const sequenceOnFrames = (view: SequenceView, grid: Rate, findings: Findings): SequenceView => ({
  ...view,
  tracks: view.tracks.map((track) => trackOnFrames(track, grid, findings)),
  transitions: view.transitions.map((one) => transitionOnFrames(one, grid)).filter(present),
});

const trackOnFrames = (track: TrackView, grid: Rate, findings: Findings): TrackView => {
  const spans: Span[] = [];
  for (const span of track.spans) {
    const start = frame(span.start, grid);
    const end = frame(flicks(spanEnd(span)), grid);
    if (start === end && track.kind !== "audio") {
      findings.add("too_short", span.clip, `no frame at ${grid.num}/${grid.den}`);
      continue;
    }
    const cues = span.cues.map((cue) => cueOnFrames(cue, grid)).filter(present);
    spans.push({ ...span, start_frame: start, end_frame: end, cues });
  }
  return { ...track, spans };
};

/** A value with its frames; null where it has none. */
const withFrames = <T extends object>(
  value: T,
  start: Frames,
  end: Frames,
): (T & { readonly start_frame: Frames; readonly end_frame: Frames }) | null =>
  start < end ? { ...value, start_frame: start, end_frame: end } : null;

const cueOnFrames = (cue: CueSpan, grid: Rate): CueSpan | null =>
  withFrames(cue, frame(cue.start, grid), frame(flicks(cue.start + cue.duration), grid));

const transitionOnFrames = (one: TransitionView, grid: Rate): TransitionView | null =>
  withFrames(
    one,
    frame(flicks(one.at - one.in_offset), grid),
    frame(flicks(one.at + one.out_offset), grid),
  );

const cutsByTrack = (
  views: Iterable<SequenceView>,
): ReadonlyMap<string, readonly TransitionView[]> => {
  const found = new Map<string, TransitionView[]>();
  for (const view of views) {
    for (const one of view.transitions)
      found.set(one.track, [...(found.get(one.track) ?? []), one]);
  }
  return found;
};
