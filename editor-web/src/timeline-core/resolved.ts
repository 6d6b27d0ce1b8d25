/**
 * The resolved timeline: what preview, export, OpenTimelineIO and validation read.
 *
 * Made by `resolve.ts` in ticks and by `on-frames.ts` on output frames. Names and shapes are those
 * of the JSON, the same in Python.
 */
import type { AssetTable } from "./media";
import type { Json } from "./model";
import type { Flicks, Frames } from "./time";

export type Level = "fatal" | "warning" | "info";
export type MediaState = "ready" | "pending" | "failed" | "missing";

/** A keyframe: t, value, interp, and for bezier x1, y1, x2, y2. */
export type Key = readonly Json[];
export type Curves = Readonly<Record<string, readonly Key[]>>;
export type Props = Readonly<Record<string, Json>>;

export interface Diagnostic {
  readonly code: string;
  readonly id: string;
  readonly level: Level;
  readonly detail: string;
}

/** An active, supported effect with its valid parameters, defaults filled in. */
export interface EffectUse {
  readonly id: string;
  readonly kind: string;
  readonly kind_version: number;
  readonly params: Props;
  readonly curves: Curves;
}

/** `[t from the cue's start, duration, text]`. */
export type Word = readonly [Flicks, Flicks, string];

/** A cue, cut to its span; in sequence ticks. */
export interface CueSpan {
  readonly id: string;
  readonly start: Flicks;
  readonly duration: Flicks;
  readonly text: string;
  readonly speaker: string;
  readonly words: readonly Word[];
  readonly props: Props;
  readonly start_frame?: Frames;
  readonly end_frame?: Frames;
}

export interface MarkerView {
  readonly id: string;
  readonly t: Flicks;
  readonly duration: Flicks;
  readonly props: Props;
}

/** The visible stretch of one clip; `props` are the valid non-default properties. */
export interface Span {
  readonly clip: string;
  readonly kind: string;
  readonly start: Flicks;
  readonly duration: Flicks;
  readonly local_in: Flicks;
  /** Numerator and denominator, reduced. */
  readonly speed: readonly [number, number];
  readonly clip_start: Flicks;
  readonly clip_duration: Flicks;
  readonly active: boolean;
  readonly asset?: string;
  readonly media?: MediaState;
  readonly sequence?: string;
  readonly generator?: string;
  readonly props: Props;
  readonly curves: Curves;
  readonly effects: readonly EffectUse[];
  readonly cues: readonly CueSpan[];
  /** Markers of the clip that fall into this span; `t` is local time. */
  readonly markers: readonly MarkerView[];
  readonly start_frame?: Frames;
  readonly end_frame?: Frames;
}

export interface TransitionView {
  readonly id: string;
  readonly track: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly at: Flicks;
  readonly in_offset: Flicks;
  readonly out_offset: Flicks;
  readonly kind: string;
  readonly params: Props;
  readonly start_frame?: Frames;
  readonly end_frame?: Frames;
}

export interface TrackView {
  readonly id: string;
  readonly kind: string;
  readonly active: boolean;
  readonly props: Props;
  readonly curves: Curves;
  readonly effects: readonly EffectUse[];
  readonly spans: readonly Span[];
}

export interface SequenceView {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps_num: number;
  readonly fps_den: number;
  readonly sample_rate: number;
  readonly duration: Flicks;
  readonly props: Props;
  readonly effects: readonly EffectUse[];
  readonly markers: readonly MarkerView[];
  readonly tracks: readonly TrackView[];
  readonly transitions: readonly TransitionView[];
}

/** `sequences` holds the resolved one (`sequence`, "" when there is none) and all that it reaches. */
export interface Resolved {
  readonly schema: number;
  readonly sequence: string;
  readonly duration: Flicks;
  readonly recovered: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sequences: ReadonlyMap<string, SequenceView>;
  /** The facts it was resolved with; no part of its JSON. */
  readonly assets: AssetTable;
}

/** A resolved timeline whose boundaries also stand on output frames. */
export interface OnFrames {
  readonly resolved: Resolved;
  readonly fps_num: number;
  readonly fps_den: number;
  readonly duration_frames: Frames;
  /** False where one frame could hold more layers than anybody can draw: `too_complex`. */
  readonly drawable: boolean;
  /** The transitions of each track in time order; no part of its JSON. */
  readonly cuts: ReadonlyMap<string, readonly TransitionView[]>;
}

export interface TransitionUse {
  readonly id: string;
  readonly kind: string;
  readonly side: "left" | "right";
  readonly progress: number;
  readonly params: Props;
}

export interface EffectValue {
  readonly kind: string;
  readonly kind_version: number;
  readonly params: Props;
}

/** One picture of one output frame, bottom to top. */
export interface Layer {
  readonly clip: string;
  readonly kind: string;
  readonly props: Props;
  readonly opacity: number;
  readonly effects: readonly EffectValue[];
  readonly asset?: string;
  readonly media?: MediaState;
  readonly generator?: string;
  /** The number of the source picture, of a media layer. */
  readonly picture?: number;
  readonly layers?: readonly Layer[];
  readonly size?: readonly [number, number];
  readonly background?: string;
  readonly cue?: string;
  readonly word?: number;
  readonly transition: TransitionUse | null;
  readonly track_effects: readonly EffectValue[];
}
