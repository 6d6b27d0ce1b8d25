/**
 * What one output frame shows, bottom to top: the one evaluator behind preview and exporter.
 *
 * Everything is evaluated at the middle of the frame. No matrices: sines differ between languages,
 * so placing a picture is the business of who draws it [timeline-R12].
 */
import { spanEnd } from "./cuts";
import { evaluated, fadeWeight } from "./keyframes";
import type { AssetFacts } from "./media";
import type { Json } from "./model";
import type {
  CueSpan,
  Curves,
  EffectUse,
  EffectValue,
  Layer,
  OnFrames,
  Props,
  SequenceView,
  Span,
  TrackView,
  TransitionUse,
  TransitionView,
} from "./resolved";
import {
  CLIPS,
  clipDefault,
  EFFECT_KINDS,
  GENERATORS,
  PICTURE_EFFECTS,
  type Schema,
  TEXT_STYLE,
  TIME_REMAP,
  TRANSFORM,
} from "./schema";
import { localOf } from "./spans";
import {
  type Flicks,
  type Frames,
  flicks,
  frame,
  frameContaining,
  middle,
  type Rate,
} from "./time";

const TRANSFORM_KEYS = [...TRANSFORM.keys()];
const TEXT_KEYS = [...TRANSFORM_KEYS, "text", ...TEXT_STYLE.keys()];
const PROPS: ReadonlyMap<string, readonly string[]> = new Map([
  ["media", TRANSFORM_KEYS],
  ["sequence", TRANSFORM_KEYS],
  ["generator", TRANSFORM_KEYS],
  ["adjustment", ["blend"]],
  ["title", TEXT_KEYS],
  ["captions", TEXT_KEYS],
]);

const rateOf = (frames: OnFrames): Rate => ({ num: frames.fps_num, den: frames.fps_den });

const viewIn = (frames: OnFrames, sequence: string | null): SequenceView | undefined =>
  frames.resolved.sequences.get(sequence ?? frames.resolved.sequence);

/**
 * The layers of output frame `n` of the film, or of another sequence that it reaches.
 *
 * Lookups are binary searches: the cost follows the layers shown, not the length of the film. A
 * timeline that is `too_complex` shows nothing [timeline-R7].
 */
export const layers = (
  frames: OnFrames,
  n: Frames,
  sequence: string | null = null,
): readonly Layer[] => {
  const view = viewIn(frames, sequence);
  if (view === undefined || !frames.drawable) return [];
  const at = middle(n, rateOf(frames));
  const shown = sequenceLayers(frames, view, at, n);
  const filters = view.effects.filter(({ kind }) => PICTURE_EFFECTS.has(kind));
  if (shown.length === 0 || filters.length === 0) return shown;
  // What a sequence does to its whole picture is an adjustment above everything.
  const whole: Layer = {
    clip: view.id,
    kind: "adjustment",
    props: { blend: "normal" },
    opacity: 1,
    effects: effectsAt(filters, at),
    track_effects: [],
    transition: null,
  };
  return [...shown, whole];
};

/** Opacity x fades of a span at sequence tick `at`, 0..1 [timeline-K5]. */
export const opacity = (span: Span, at: Flicks): number =>
  (evaluatedProp("opacity", span, localOf(span, at), 1) as number) * fade(span, at, "linear");

/** The weight of the clip's own fades at a sequence tick; they stand on the clip's edges. */
export const fade = (span: Span, at: Flicks, curveDefault: string): number => {
  const { props, clip_start, clip_duration } = span;
  const fadeIn = (props["fade_in"] ?? 0) as number;
  const fadeOut = (props["fade_out"] ?? 0) as number;
  let weight = 1;
  if (fadeIn !== 0) {
    const curve = (props["fade_in_curve"] ?? curveDefault) as string;
    weight *= fadeWeight(curve, (at - clip_start) / fadeIn);
  }
  if (fadeOut !== 0) {
    const curve = (props["fade_out_curve"] ?? curveDefault) as string;
    weight *= fadeWeight(curve, (clip_start + clip_duration - at) / fadeOut);
  }
  return weight;
};

/** The tick of the source that a media span shows at a sequence tick; remapped time counts. */
export const sourceTick = (span: Span, at: Flicks): Flicks => {
  const inner = localOf(span, at);
  const keys = span.curves["time"];
  if (keys === undefined) return inner;
  return flicks(Math.floor(evaluated(keys, inner, TIME_REMAP.low, TIME_REMAP.high)));
};

/** The number of the source picture at a source tick, clamped to those there are [timeline-T8]. */
export const picture = (source: Flicks, facts: AssetFacts | undefined): number => {
  if (facts === undefined || facts.duration === null) return 0;
  const rate = { num: facts.fps_num, den: facts.fps_den };
  const last = Math.max(0, frameContaining(flicks(facts.duration - 1), rate));
  return Math.min(Math.max(0, frameContaining(source, rate)), last);
};

/** Layers at a sequence tick; `n` is that of an output frame, null inside of a nested one. */
const sequenceLayers = (
  frames: OnFrames,
  view: SequenceView,
  at: Flicks,
  n: Frames | null,
): readonly Layer[] =>
  ["video", "caption"].flatMap((kind) =>
    view.tracks
      .filter((track) => track.kind === kind && track.active)
      .flatMap((track) => trackLayers(frames, track, at, n)),
  );

const trackLayers = (
  frames: OnFrames,
  track: TrackView,
  at: Flicks,
  n: Frames | null,
): readonly Layer[] => {
  const transition =
    track.kind === "caption" ? null : transitionAt(frames.cuts.get(track.id) ?? [], at);
  if (transition === null) {
    const span = spanAt(track, at);
    if (span === null || !span.active) return [];
    return track.kind === "caption"
      ? captionLayers(track, span, at)
      : spanLayers(frames, track, span, at, null);
  }
  const progress = progressOf(frames, transition, at, n);
  const { id, kind, params } = transition;
  return sidesOf(track, transition).flatMap(([side, span]) =>
    spanLayers(frames, track, span, at, { id, kind, side, progress, params }),
  );
};

const progressOf = (
  frames: OnFrames,
  transition: TransitionView,
  at: Flicks,
  n: Frames | null,
): number => {
  const start = flicks(transition.at - transition.in_offset);
  const end = flicks(transition.at + transition.out_offset);
  if (n === null) return (at - start) / (end - start);
  const first = frame(start, rateOf(frames));
  return (n - first + 0.5) / (frame(end, rateOf(frames)) - first);
};

const spanLayers = (
  frames: OnFrames,
  track: TrackView,
  span: Span,
  at: Flicks,
  transition: TransitionUse | null,
): readonly Layer[] => {
  if (!span.active) return [];
  const inner = localOf(span, at);
  const layer: Layer = {
    clip: span.clip,
    kind: span.kind,
    props: evaluatedProps(span, track.kind, inner),
    opacity: opacity(span, at),
    effects: effectsAt(span.effects, inner),
    ...(span.asset === undefined ? {} : { asset: span.asset }),
    ...(span.media === undefined ? {} : { media: span.media }),
    ...(span.generator === undefined ? {} : { generator: span.generator }),
    track_effects: effectsAt(track.effects, at),
    transition,
  };
  if (span.kind === "media") {
    const facts = frames.resolved.assets.get(span.asset ?? "");
    return [{ ...layer, picture: picture(sourceTick(span, at), facts) }];
  }
  const view =
    span.sequence === undefined ? undefined : frames.resolved.sequences.get(span.sequence);
  return [view === undefined ? layer : nested(frames, layer, view, inner)];
};

const nested = (frames: OnFrames, layer: Layer, view: SequenceView, inner: Flicks): Layer => ({
  ...layer,
  layers: 0 <= inner && inner < view.duration ? sequenceLayers(frames, view, inner, null) : [],
  size: [view.width, view.height],
  // The sequence's own effects work on its whole picture, before those of the clip.
  effects: [...effectsAt(view.effects, inner), ...layer.effects],
});

/** The index of the first item that is beyond, in a list where those come last. */
const firstBeyond = <T>(items: readonly T[], isBeyond: (item: T) => boolean): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const center = Math.floor((low + high) / 2);
    if (isBeyond(items[center] as T)) high = center;
    else low = center + 1;
  }
  return low;
};

/** The span of a track that holds a sequence tick, by binary search. */
export const spanAt = (track: TrackView, at: Flicks): Span | null => {
  const span = track.spans[firstBeyond(track.spans, ({ start }) => start > at) - 1];
  return span === undefined || spanEnd(span) <= at ? null : span;
};

/** The transition of one track that is under way at a sequence tick, by binary search. */
export const transitionAt = (
  cuts: readonly TransitionView[],
  at: Flicks,
): TransitionView | null => {
  const index = firstBeyond(cuts, (one) => one.at - one.in_offset > at) - 1;
  const found = cuts[index];
  return found === undefined || found.at + found.out_offset <= at ? null : found;
};

/** The spans around the cut, left one first (A under B). */
const sidesOf = (
  track: TrackView,
  { left, right, at }: TransitionView,
): readonly (readonly ["left" | "right", Span])[] => {
  const index = firstBeyond(track.spans, ({ start }) => start >= at);
  const sides: (readonly ["left" | "right", Span])[] = [];
  const before = track.spans[index - 1];
  const after = track.spans[index];
  if (left !== null && before?.clip === left && spanEnd(before) === at) {
    sides.push(["left", before]);
  }
  if (right !== null && after?.clip === right && after.start === at) sides.push(["right", after]);
  return sides;
};

/** One layer for each cue on screen, in the style of its clip unless the cue says otherwise. */
const captionLayers = (track: TrackView, span: Span, at: Flicks): readonly Layer[] => {
  const shown = span.cues.filter(
    ({ start, duration, text }) => start <= at && at < start + duration && text !== "",
  );
  if (shown.length === 0) return [];
  const inner = localOf(span, at);
  const props = evaluatedProps(span, track.kind, inner);
  return shown.map((cue) => {
    const word = wordAt(cue, at);
    return {
      clip: span.clip,
      kind: "captions",
      props: { ...props, ...cue.props, text: cue.text },
      opacity: opacity(span, at),
      effects: effectsAt(span.effects, inner),
      cue: cue.id,
      ...(word === null ? {} : { word }),
      track_effects: effectsAt(track.effects, at),
      transition: null,
    };
  });
};

/** The index of the word being said; null between words. */
const wordAt = (cue: CueSpan, at: Flicks): number | null => {
  const passed = at - cue.start;
  const index = cue.words.findIndex(
    ([begin, duration]) => begin <= passed && passed < begin + duration,
  );
  return index < 0 ? null : index;
};

const evaluatedProps = (span: Span, trackKind: string, inner: Flicks): Props => {
  const props: Record<string, Json> = {};
  for (const key of PROPS.get(span.kind) ?? []) {
    props[key] = evaluatedProp(key, span, inner, clipDefault(key, span.kind, trackKind));
  }
  if (span.kind === "generator" && span.generator !== undefined) {
    for (const [name, prop] of GENERATORS.get(span.generator) ?? []) {
      props[`p:${name}`] = span.props[`p:${name}`] ?? prop.default;
    }
  }
  return props;
};

const evaluatedProp = (key: string, span: Span, inner: Flicks, fallback: Json): Json => {
  const keys = span.curves[key];
  if (keys === undefined) return span.props[key] ?? fallback;
  const prop = CLIPS.get(key);
  return evaluated(keys, inner, prop?.low, prop?.high);
};

/** Effects with their parameters at a time of their owner: local for clips, else sequence time. */
const effectsAt = (effects: readonly EffectUse[], at: Flicks): readonly EffectValue[] =>
  effects.map(({ kind, kind_version, params, curves }) => ({
    kind,
    kind_version,
    params: paramsAt(params, curves, EFFECT_KINDS.get(kind)?.params ?? new Map(), at),
  }));

const paramsAt = (params: Props, curves: Curves, schema: Schema, at: Flicks): Props => {
  const moving = Object.entries(curves).map(([name, keys]) => {
    const prop = schema.get(name);
    return [name, evaluated(keys, at, prop?.low, prop?.high)];
  });
  return moving.length === 0 ? params : { ...params, ...Object.fromEntries(moving) };
};
