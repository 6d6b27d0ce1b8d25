/** Visible stretches as spans, and what is odd about the media behind them [timeline-R5]. */
import { spanEnd } from "./cuts";
import { compareText, type DiagnosticCode, type Findings } from "./diagnostics";
import type { CueRecord, Gathered, SequenceRecord, TrackRecord } from "./gathered";
import { beyondSource, type PlacedClip, type Visible } from "./layout";
import type { AssetFacts, AssetTable } from "./media";
import { type Json, sameJson } from "./model";
import type {
  CueSpan,
  EffectUse,
  MarkerView,
  MediaState,
  Props,
  Span,
  TrackView,
  TransitionView,
  Word,
} from "./resolved";
import { clipDefault, TEXT_STYLE } from "./schema";
import { type Flicks, flicks, local, mulDiv, type Rate, TICKS } from "./time";

const MEDIA_CODES: Readonly<Record<string, DiagnosticCode>> = {
  missing: "media_missing",
  pending: "media_pending",
  failed: "media_failed",
};

const factsOf = (asset: string | null | undefined, assets: AssetTable): AssetFacts | undefined =>
  asset === null || asset === undefined ? undefined : assets.get(asset);

/** Local time of a placed clip at a sequence tick. */
const localAt = ({ clip, start, sourceIn }: PlacedClip, at: number): Flicks =>
  local(flicks(at), flicks(start), flicks(sourceIn), clip.speed[0], clip.speed[1]);

/** One visible stretch as a span of its track. */
export const clipSpan = (
  part: Visible,
  track: TrackRecord,
  gathered: Gathered,
  assets: AssetTable,
): Span => {
  const { placed } = part;
  const { clip } = placed;
  const sequence =
    clip.sequence !== null && gathered.sequences.has(clip.sequence) ? clip.sequence : null;
  const media = mediaOf(placed, sequence, assets);
  return {
    clip: clip.id,
    kind: clip.kind,
    start: flicks(part.start),
    duration: flicks(part.end - part.start),
    local_in: localAt(placed, part.start),
    speed: clip.speed,
    clip_start: flicks(placed.start),
    clip_duration: flicks(placed.duration),
    active: clip.enabled && track.active,
    ...(clip.asset === null ? {} : { asset: clip.asset }),
    ...(media === null ? {} : { media }),
    ...(sequence === null ? {} : { sequence }),
    ...(clip.generator === null ? {} : { generator: clip.generator }),
    props: fadedProps(placed),
    curves: clip.curves,
    effects: gathered.effects.get(`clips/${clip.id}`) ?? [],
    cues: clip.kind === "captions" ? cuesOf(part, gathered) : [],
    markers: markersOf(part, gathered.markers.get(`clips/${clip.id}`) ?? []),
  };
};

const mediaOf = (
  { clip }: PlacedClip,
  sequence: string | null,
  assets: AssetTable,
): MediaState | null => {
  if (clip.kind === "media") return factsOf(clip.asset, assets)?.state ?? "missing";
  const nothing =
    (clip.kind === "sequence" && sequence === null) ||
    (clip.kind === "generator" && clip.generator === null);
  return nothing ? "missing" : null;
};

/** `fade_in` limited to the clip, `fade_out` to the rest [timeline-R9]. */
const fadedProps = ({ clip, duration }: PlacedClip): Props => {
  const fadeIn = Math.min(clip.fadeIn, duration);
  const fadeOut = Math.min(clip.fadeOut, duration - fadeIn);
  if (fadeIn === 0 && fadeOut === 0) return clip.props;
  return {
    ...clip.props,
    ...(fadeIn === 0 ? {} : { fade_in: fadeIn }),
    ...(fadeOut === 0 ? {} : { fade_out: fadeOut }),
  };
};

const markersOf = (part: Visible, markers: readonly MarkerView[]): readonly MarkerView[] => {
  if (markers.length === 0) return markers;
  const edges = [localAt(part.placed, part.start), localAt(part.placed, part.end)];
  const low = Math.min(...edges);
  const high = Math.max(...edges);
  return markers.filter(({ t }) => low <= t && t < high);
};

/** Cues cut to the visible stretch, in sequence ticks; words keep their own times. */
const cuesOf = (part: Visible, gathered: Gathered): readonly CueSpan[] => {
  const { placed } = part;
  const shift = placed.start - placed.sourceIn;
  const found: CueSpan[] = [];
  for (const cue of gathered.cues.get(placed.clip.id) ?? []) {
    const begin = cue.t + shift;
    const start = Math.max(begin, part.start);
    const end = Math.min(begin + cue.duration, part.end);
    if (start < end) found.push(cueSpan(cue, placed, begin, start, end));
  }
  return found;
};

const cueSpan = (
  cue: CueRecord,
  { clip }: PlacedClip,
  begin: number,
  start: number,
  end: number,
): CueSpan => {
  const style: Record<string, Json> = {};
  for (const key of TEXT_STYLE.keys()) {
    const value = cue.values[key];
    const own = clip.props[key] ?? clipDefault(key, "captions", "caption");
    if (value !== undefined && !sameJson(value, own)) style[key] = value;
  }
  const words = (cue.values["words"] ?? []) as unknown as readonly Word[];
  return {
    id: cue.id,
    start: flicks(start),
    duration: flicks(end - start),
    text: (cue.values["text"] ?? "") as string,
    speaker: (cue.values["speaker"] ?? "") as string,
    words: words.map(([at, duration, text]) => [flicks(at + begin - start), duration, text]),
    props: style,
  };
};

/** What is odd about the media of a span that shows or sounds. */
export const reportMedia = (
  span: Span,
  trackKind: string,
  rate: Rate,
  assets: AssetTable,
  findings: Findings,
): void => {
  if (!span.active || span.media === undefined) return;
  const code = MEDIA_CODES[span.media];
  if (code !== undefined) {
    findings.add(code, span.clip, span.asset ?? "");
    return;
  }
  const facts = factsOf(span.asset, assets);
  if (facts === undefined) return;
  if (!(trackKind === "audio" ? facts.has_audio : facts.has_video)) {
    findings.add("no_stream", span.clip, trackKind);
  } else if (!Object.hasOwn(span.curves, "time")) {
    const tail = localOf(span, flicks(spanEnd(span)));
    const low = Math.min(span.local_in, tail);
    const high = Math.max(span.local_in, tail);
    if (beyondSource(low, high, facts, span.speed, rate)) {
      findings.add("past_media_end", span.clip, span.asset ?? "");
    }
  }
};

/** What is odd about the look-up tables of effects that are on. */
export const reportTables = (
  uses: readonly EffectUse[],
  assets: AssetTable,
  findings: Findings,
): void => {
  for (const use of uses) {
    const asset = use.kind === "lut" ? use.params["asset"] : undefined;
    if (typeof asset !== "string") continue;
    const facts = assets.get(asset);
    const code = MEDIA_CODES[facts?.state ?? "missing"];
    if (code !== undefined) findings.add(code, use.id, asset);
    else if (facts?.has_video || facts?.has_audio)
      findings.add("no_stream", use.id, "no look-up table");
  }
};

/** Local time of a span's clip at a sequence tick, inside of the span or around it. */
export const localOf = (span: Span, at: Flicks): Flicks => {
  // From the span's own head the speed would be rounded twice; the clip's start is the anchor.
  const [num, den] = span.speed;
  const passed = mulDiv(span.start - span.clip_start, num, den);
  return flicks(span.local_in - passed + mulDiv(at - span.clip_start, num, den));
};

/** Transitions that show source beyond the end of the asset: its last picture is held. */
export const reportHeldFrames = (
  transitions: readonly TransitionView[],
  tracks: readonly TrackView[],
  rate: Rate,
  assets: AssetTable,
  findings: Findings,
): void => {
  if (transitions.length === 0) return;
  const ends = new Map<string, Span>();
  const starts = new Map<string, Span>();
  for (const span of tracks.flatMap((track) => track.spans)) {
    ends.set(`${spanEnd(span)}/${span.clip}`, span);
    starts.set(`${span.start}/${span.clip}`, span);
  }
  for (const { id, left, right, at, in_offset, out_offset } of transitions) {
    const stretches = [
      { span: ends.get(`${at}/${left}`), begin: 0, end: out_offset },
      { span: starts.get(`${at}/${right}`), begin: -in_offset, end: 0 },
    ];
    for (const { span, begin, end } of stretches) {
      if (span?.media !== "ready" || Object.hasOwn(span.curves, "time")) continue;
      if (begin === end) continue;
      const edges = [localOf(span, flicks(at + begin)), localOf(span, flicks(at + end))];
      const facts = factsOf(span.asset, assets);
      if (beyondSource(Math.min(...edges), Math.max(...edges), facts, span.speed, rate)) {
        findings.add("transition_holds_frames", id, span.clip);
      }
    }
  }
};

interface Member {
  readonly isSound: boolean;
  readonly place: PlacedClip;
}

/** Clips of one link and asset that lie more than half a frame off the first picture among them. */
export const linkedApart = (
  places: readonly (readonly [string, readonly PlacedClip[]])[],
  { rate }: SequenceRecord,
): readonly string[] => {
  const sets = new Map<string, Member[]>();
  for (const [kind, found] of places) {
    for (const place of found) {
      const link = place.clip.props["link"];
      if (typeof link !== "string" || place.clip.asset === null) continue;
      const key = JSON.stringify([link, place.clip.asset]);
      const member = { isSound: kind !== "video", place };
      sets.set(key, [...(sets.get(key) ?? []), member]);
    }
  }
  return [...sets.values()].flatMap((members) => apartIn(members, rate));
};

const apartIn = (members: readonly Member[], rate: Rate): readonly string[] => {
  const [first, ...others] = [...members].sort(
    (left, right) =>
      Number(left.isSound) - Number(right.isSound) ||
      compareText(left.place.clip.id, right.place.clip.id),
  );
  if (first === undefined) return [];
  return others
    .filter(({ place }) => drifted(first.place, place, rate))
    .map(({ place }) => place.clip.id);
};

const drifted = (first: PlacedClip, other: PlacedClip, rate: Rate): boolean => {
  const [num, den] = first.clip.speed;
  if (num !== other.clip.speed[0] || den !== other.clip.speed[1]) return true;
  // Where the source's start would lie, times the speed: equal while nothing has moved apart.
  const offset = ({ start, sourceIn }: PlacedClip): bigint =>
    BigInt(start) * BigInt(num) - BigInt(sourceIn) * BigInt(den);
  const difference = offset(first) - offset(other);
  const apart = difference < 0n ? -difference : difference;
  const frameLength = BigInt(TICKS) * BigInt(rate.den) * BigInt(Math.max(Math.abs(num), 1));
  return 2n * apart * BigInt(rate.num) > frameLength;
};
