/**
 * Which samples of which source sound when, and how loud: the port of `timeline/sound_planner.py`.
 *
 * Clips are planned when they come near, so an edit of a long film costs nothing here. Levels are
 * asked for point by point, 100 a second, linear between.
 */
import { evaluated } from "@/timeline-core/keyframes";
import { sourceTick } from "@/timeline-core/layers";
import type {
  Curves,
  EffectUse,
  OnFrames,
  Props,
  SequenceView,
  Span,
  TrackView,
  TransitionView,
} from "@/timeline-core/resolved";
import { localOf } from "@/timeline-core/spans";
import { type Flicks, flicks, sample, TICKS } from "@/timeline-core/time";
import { numberOf, textOf } from "./placement";

export const SAMPLE_RATE = 48_000; // of proxies, and of what is played
export const POINTS_PER_SECOND = 100;
export const POINT_SAMPLES = SAMPLE_RATE / POINTS_PER_SECOND;
const POINT_TICKS = TICKS / POINTS_PER_SECOND;
const RAMP_TICKS = TICKS / 200; // hard cuts get ramps of 5 ms
const SILENCE_DB = -96;

/** A gain factor or pan: one number, or one per point of 10 ms. */
export type Level = number | ((point: number) => number);

/** A weight over `samples` from `start` of its clip; before and after as its direction says. */
export interface Fade {
  readonly start: number;
  readonly samples: number;
  readonly isIn: boolean;
  readonly curve: string;
}

export type SoundSource =
  | { readonly kind: "media"; readonly url: string; readonly channels: readonly number[] }
  | { readonly kind: "tone"; readonly hz: number; readonly level: number }
  | { readonly kind: "mix"; readonly plan: SoundPlan };

/** `samples` of the sequence from `start` on; the first one is source sample `first`. */
export interface SoundClip {
  readonly id: string;
  readonly source: SoundSource;
  readonly start: number;
  readonly samples: number;
  readonly first: number;
  readonly speed: readonly [number, number];
  /** Source samples per point where time is remapped. */
  readonly positions: ((point: number) => number) | null;
  readonly gain: Level;
  readonly pan: Level;
  readonly fades: readonly Fade[];
}

/** Where bus `by` is louder than the threshold, the gain falls to `amountDb`. */
export interface Ducking {
  readonly by: number;
  readonly amountDb: number;
  readonly thresholdDb: number;
  readonly attackMs: number;
  readonly releaseMs: number;
}

/** What an asset sounds like: null without sound, or while there is no proxy of it. */
export type SoundLookup = (
  asset: string,
) => { readonly url: string; readonly channels: number } | null;

export const gainOf = (db: number): number => (db <= SILENCE_DB ? 0 : 10 ** (db / 20));

export const sampleOf = (at: number): number => sample(flicks(at), SAMPLE_RATE);

/** One track. */
export class Bus {
  readonly gain: Level;
  readonly pan: Level;
  readonly ducking: readonly Ducking[];
  readonly #plan: SoundPlan;
  readonly #track: TrackView;
  readonly #clips = new Map<number, SoundClip | null>();

  constructor(plan: SoundPlan, track: TrackView, ducking: readonly Ducking[]) {
    this.#plan = plan;
    this.#track = track;
    this.ducking = ducking;
    this.gain = gainLevel(track.props, track.curves, (point) => point * POINT_TICKS);
    this.pan = panLevel(track.props, track.curves, (point) => point * POINT_TICKS);
  }

  /** The clips that sound somewhere in [start, end), in samples. */
  clips(start: number, end: number): readonly SoundClip[] {
    const { spans } = this.#track;
    let low = 0;
    let high = spans.length;
    while (low < high) {
      const center = Math.floor((low + high) / 2);
      const span = spans[center] as Span;
      if (sampleOf(span.start + span.duration) <= start) low = center + 1;
      else high = center;
    }
    const found: SoundClip[] = [];
    // One to the left and one to the right: crossfades reach over the cut.
    for (let index = Math.max(0, low - 1); index < spans.length; index += 1) {
      const clip = this.#clip(index);
      if (clip && clip.start < end && clip.start + clip.samples > start) found.push(clip);
      if (sampleOf((spans[index - 1] ?? { start: 0 }).start) >= end) break;
    }
    return found;
  }

  #clip(index: number): SoundClip | null {
    const known = this.#clips.get(index);
    if (known !== undefined) return known;
    const made = plannedClip(this.#plan, this.#track, index);
    this.#clips.set(index, made);
    return made;
  }
}

/** The sound of one sequence. */
export class SoundPlan {
  readonly samples: number;
  readonly buses: readonly Bus[];
  readonly view: SequenceView;
  readonly frames: OnFrames;
  readonly soundOf: SoundLookup;

  constructor(frames: OnFrames, view: SequenceView, soundOf: SoundLookup) {
    this.frames = frames;
    this.view = view;
    this.soundOf = soundOf;
    this.samples = sampleOf(view.duration);
    const tracks = view.tracks.filter(({ kind, active }) => kind === "audio" && active);
    const numbers = new Map(tracks.map((track, index) => [track.id, index]));
    this.buses = tracks.map((track) => new Bus(this, track, duckings(track.effects, numbers)));
  }
}

const duckings = (
  effects: readonly EffectUse[],
  numbers: ReadonlyMap<string, number>,
): readonly Ducking[] =>
  effects.flatMap(({ kind, params }) => {
    const by = numbers.get(String(params["by"]));
    if (kind !== "ducking" || by === undefined) return [];
    return {
      by,
      amountDb: numberOf(params, "amount_db", -12),
      thresholdDb: numberOf(params, "threshold_db", -30),
      attackMs: numberOf(params, "attack_ms", 50),
      releaseMs: numberOf(params, "release_ms", 400),
    };
  });

/** A span with the stretch in which it sounds, crossfades included, in ticks. */
interface Cut {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
  readonly before: TransitionView | undefined;
  readonly after: TransitionView | undefined;
}

const plannedClip = (plan: SoundPlan, track: TrackView, index: number): SoundClip | null => {
  const span = track.spans[index] as Span;
  const source = sourceOf(plan, span);
  const cut = cutOf(plan.view, track, span);
  const [start, end] = [Math.max(0, cut.start), cut.end];
  const first = sampleOf(start);
  const samples = sampleOf(end) - first;
  const isRemapped = span.curves["time"] !== undefined;
  const isSilent = !span.active || (span.speed[0] === 0 && !isRemapped);
  if (source === null || isSilent || samples < 1) return null;
  const localAt = (point: number): number => localOf(span, flicks(start + point * POINT_TICKS));
  return {
    id: span.clip,
    source,
    start: first,
    samples,
    first: firstSample(span, start, first),
    speed: span.speed,
    positions: isRemapped
      ? (point) => (sourceTick(span, flicks(start + point * POINT_TICKS)) * SAMPLE_RATE) / TICKS
      : null,
    gain: gainLevel(span.props, span.curves, localAt),
    pan: panLevel(span.props, span.curves, localAt),
    fades: fadesOf(cut, [track.spans[index - 1], track.spans[index + 1]], first),
  };
};

const sourceOf = (plan: SoundPlan, span: Span): SoundSource | null => {
  if (span.kind === "media") {
    const sound = span.asset === undefined ? null : plan.soundOf(span.asset);
    return sound && span.media === "ready" ? mediaSource(sound, span.props) : null;
  }
  if (span.kind === "generator" && span.generator === "tone") {
    const hz = numberOf(span.props, "p:frequency_hz", 1000);
    return { kind: "tone", hz, level: gainOf(numberOf(span.props, "p:level_db", -20)) };
  }
  const inner = plan.frames.resolved.sequences.get(span.sequence ?? "");
  if (span.kind !== "sequence" || !inner) return null;
  return { kind: "mix", plan: new SoundPlan(plan.frames, inner, plan.soundOf) };
};

const mediaSource = (
  { url, channels }: { readonly url: string; readonly channels: number },
  props: Props,
): SoundSource | null => {
  const taken = props["source_channels"];
  const wanted = Array.isArray(taken) ? taken.filter((one) => Number(one) < channels) : [];
  if (Array.isArray(taken) && taken.length > 0 && wanted.length === 0) return null;
  // A proxy has two channels: of wider sources they are the mixdown of all.
  return { kind: "media", url, channels: channels <= 2 ? wanted.map(Number) : [] };
};

const cutOf = (view: SequenceView, track: TrackView, span: Span): Cut => {
  const ours = view.transitions.filter((use) => use.track === track.id);
  const end = span.start + span.duration;
  const before = ours.find((use) => use.right === span.clip && use.at === span.start);
  const after = ours.find((use) => use.left === span.clip && use.at === end);
  return {
    span,
    start: span.start - (before?.in_offset ?? 0),
    end: end + (after?.out_offset ?? 0),
    before,
    after,
  };
};

/** At speed 1 by one shift for the whole clip, so that a split changes nothing. */
const firstSample = (span: Span, start: number, first: number): number =>
  span.speed[0] === 1 && span.speed[1] === 1
    ? first + sampleOf(span.local_in - span.start)
    : sampleOf(localOf(span, flicks(start)));

const fadesOf = (
  cut: Cut,
  [previous, following]: readonly [Span | undefined, Span | undefined],
  first: number,
): readonly Fade[] => {
  const { span, before, after } = cut;
  const fades: Fade[] = [];
  const add = (begin: number, finish: number, isIn: boolean, curve: string): void => {
    const start = sampleOf(begin);
    fades.push({ start: start - first, samples: sampleOf(finish) - start, isIn, curve });
  };
  const clipEnd = span.clip_start + span.clip_duration;
  const fadeIn = numberOf(span.props, "fade_in", 0);
  const fadeOut = numberOf(span.props, "fade_out", 0);
  const curveOf = (key: string): string => textOf(span.props, `${key}_curve`, "equal_power");
  if (fadeIn > 0) add(span.clip_start, span.clip_start + fadeIn, true, curveOf("fade_in"));
  if (fadeOut > 0) add(clipEnd - fadeOut, clipEnd, false, curveOf("fade_out"));
  for (const [use, isIn] of [
    [before, true],
    [after, false],
  ] as const) {
    const curve = use?.params["curve"] === "linear" ? "linear" : "equal_power";
    if (use) add(use.at - use.in_offset, use.at + use.out_offset, isIn, curve);
  }
  const ramp = Math.min(RAMP_TICKS, Math.floor((cut.end - cut.start) / 2));
  const end = span.start + span.duration;
  if (!before && !isContiguous(previous, span)) add(span.start, span.start + ramp, true, "linear");
  if (!after && !isContiguous(span, following)) add(end - ramp, end, false, "linear");
  return fades;
};

/** Whether two neighbours play on in one source as if there were no cut. */
const isContiguous = (left: Span | undefined, right: Span | undefined): boolean => {
  if (!left || !right || !left.active || !right.active) return false;
  const end = flicks(left.start + left.duration);
  const isSame =
    left.kind === right.kind &&
    left.asset === right.asset &&
    left.sequence === right.sequence &&
    left.generator === right.generator &&
    left.media === right.media &&
    left.speed[0] === right.speed[0] &&
    left.speed[1] === right.speed[1];
  const hasRemap = left.curves["time"] !== undefined || right.curves["time"] !== undefined;
  return end === right.start && isSame && !hasRemap && localOf(left, end) === right.local_in;
};

const gainLevel = (props: Props, curves: Curves, at: (point: number) => number): Level => {
  const keys = curves["gain_db"];
  if (!keys) return gainOf(numberOf(props, "gain_db", 0));
  return (point) => gainOf(evaluated(keys, at(point) as Flicks, SILENCE_DB, 24));
};

const panLevel = (props: Props, curves: Curves, at: (point: number) => number): Level => {
  const keys = curves["pan"];
  if (!keys) return numberOf(props, "pan", 0);
  return (point) => evaluated(keys, at(point) as Flicks, -1, 1);
};
