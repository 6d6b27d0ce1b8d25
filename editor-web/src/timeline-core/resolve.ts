/**
 * Any document becomes a valid timeline plus diagnostics: resolve never throws [timeline-R1].
 *
 *     document -> records (reading) -> nesting -> places and spans (layout) -> cuts -> Resolved
 *
 * Layout knows no frames; `on-frames.ts` puts the result on a grid. Diagnostics of records speak of
 * the whole document, those of spans and cuts of the sequence resolved and of all that it reaches.
 */
import { spanEnd, transitionsAtCuts } from "./cuts";
import { Findings } from "./diagnostics";
import { type Gathered, gather, type SequenceRecord, type TrackRecord, tracksOf } from "./gathered";
import { covers, type PlacedClip, placedClip, type Visible, visibleParts } from "./layout";
import type { AssetTable } from "./media";
import type { TimelineDocument } from "./model";
import { SPANS_MAX } from "./nesting";
import type { EffectUse, Resolved, SequenceView, Span, TrackView } from "./resolved";
import { SCHEMA_VERSION } from "./schema";
import { clipSpan, linkedApart, reportHeldFrames, reportMedia, reportTables } from "./spans";
import { flicks } from "./time";

/**
 * The timeline of `sequence` (default: the main one) with every sequence that it reaches.
 *
 * `assets` holds the facts of assets that the workspace owns; others count as missing. Total and
 * pure [timeline-R1, timeline-R2].
 */
export const resolve = (
  document: TimelineDocument,
  assets: AssetTable,
  sequence: string | null = null,
): Resolved => {
  const findings = new Findings();
  const gathered = gather(document, findings);
  const entry = sequence ?? gathered.main;
  const base = { schema: SCHEMA_VERSION, recovered: gathered.recovered, assets };
  if (entry === null || !gathered.sequences.has(entry)) {
    findings.add("no_sequence", entry ?? "");
    const diagnostics = findings.diagnostics();
    return { ...base, sequence: "", duration: flicks(0), diagnostics, sequences: new Map() };
  }
  const resolver = new Resolver(gathered, assets, findings);
  const whole = resolver.view(entry);
  const sequences = resolver.views;
  if (whole.duration === 0) findings.add("empty_timeline", entry);
  else if (!covers(picturesOf(whole), whole.duration)) findings.add("black", entry);
  if (spanUses(entry, sequences, new Map()) > SPANS_MAX) {
    findings.add("too_complex", entry, `more than ${SPANS_MAX} spans`);
  }
  return {
    ...base,
    sequence: entry,
    duration: whole.duration,
    diagnostics: findings.diagnostics(),
    sequences,
  };
};

const picturesOf = (view: SequenceView): readonly (readonly [number, number])[] =>
  view.tracks
    .filter(({ kind }) => kind === "video")
    .flatMap(({ spans }) => spans.filter(({ active, kind }) => active && kind !== "adjustment"))
    .map((span) => [span.start, spanEnd(span)]);

/** Spans below a sequence, nested ones counted per use; stops counting past the limit. */
const spanUses = (
  entry: string,
  views: ReadonlyMap<string, SequenceView>,
  known: Map<string, number>,
): number => {
  const before = known.get(entry);
  if (before !== undefined) return before;
  let total = 0;
  for (const { spans } of views.get(entry)?.tracks ?? []) {
    for (const { sequence } of spans) {
      total += 1 + (sequence === undefined ? 0 : spanUses(sequence, views, known));
    }
  }
  const counted = Math.min(total, SPANS_MAX + 1);
  known.set(entry, counted);
  return counted;
};

/** The effects of the active tracks of a sequence, and of their clips that are shown. */
const effectsIn = (tracks: readonly TrackView[]): readonly EffectUse[] =>
  tracks
    .filter(({ active, kind }) => active && kind !== "audio")
    .flatMap(({ effects, spans }) => [
      ...effects,
      ...spans.filter(({ active }) => active).flatMap((span) => span.effects),
    ]);

/** One run over the sequences that an entry reaches, inner ones first. */
class Resolver {
  readonly views = new Map<string, SequenceView>();
  readonly #gathered: Gathered;
  readonly #assets: AssetTable;
  readonly #findings: Findings;

  constructor(gathered: Gathered, assets: AssetTable, findings: Findings) {
    this.#gathered = gathered;
    this.#assets = assets;
    this.#findings = findings;
  }

  /** Recursion ends after 9 levels [timeline-R7]. */
  view(id: string): SequenceView {
    const known = this.views.get(id);
    if (known !== undefined) return known;
    const view = this.#laidOut(this.#gathered.sequences.get(id) as SequenceRecord);
    this.views.set(id, view);
    return view;
  }

  #laidOut(sequence: SequenceRecord): SequenceView {
    const { effects, markers, transitions: reads } = this.#gathered;
    const laid = tracksOf(this.#gathered, sequence.id).map((track) => {
      const places = this.#places(track);
      return { track, places, parts: visibleParts(places) };
    });
    for (const { places, parts } of laid) this.#reportOverlaps(places, parts);
    const tracks = laid.map(({ track, parts }) => this.#trackView(track, parts, sequence));
    const lanes = tracks.map(({ id, kind, spans }) => ({ track: id, kind, spans }));
    const transitions = transitionsAtCuts(reads.get(sequence.id) ?? [], lanes, this.#findings);
    reportHeldFrames(transitions, tracks, sequence.rate, this.#assets, this.#findings);
    const places = laid.map(({ track, places: found }) => [track.kind, found] as const);
    for (const clip of linkedApart(places, sequence)) this.#findings.add("link_offset", clip);
    const own = effects.get(`sequences/${sequence.id}`) ?? [];
    reportTables([...own, ...effectsIn(tracks)], this.#assets, this.#findings);
    return {
      id: sequence.id,
      name: sequence.name,
      width: sequence.width,
      height: sequence.height,
      fps_num: sequence.rate.num,
      fps_den: sequence.rate.den,
      sample_rate: sequence.sampleRate,
      duration: flicks(Math.max(0, ...tracks.map(endOf))),
      props: sequence.props,
      effects: own,
      markers: markers.get(`sequences/${sequence.id}`) ?? [],
      tracks,
      transitions,
    };
  }

  #places(track: TrackRecord): readonly PlacedClip[] {
    const found: PlacedClip[] = [];
    for (const clip of this.#gathered.clips.get(track.id) ?? []) {
      const needsSource = clip.duration === null || clip.sourceIn === null;
      const place = placedClip(
        clip,
        needsSource ? this.#sourceDuration(clip.asset, clip.sequence) : null,
      );
      if (place === null) this.#findings.add("bad_time", clip.id, "leaves the range of ticks");
      else found.push(place);
    }
    return found;
  }

  #sourceDuration(asset: string | null, sequence: string | null): number | null {
    if (sequence !== null && this.#gathered.sequences.has(sequence)) {
      return this.view(sequence).duration;
    }
    return asset === null ? null : (this.#assets.get(asset)?.duration ?? null);
  }

  #reportOverlaps(places: readonly PlacedClip[], parts: readonly Visible[]): void {
    const seen = new Map<string, number>();
    for (const { placed, start, end } of parts) {
      seen.set(placed.clip.id, (seen.get(placed.clip.id) ?? 0) + end - start);
    }
    for (const { clip, duration } of places) {
      if ((seen.get(clip.id) ?? 0) < duration) {
        this.#findings.add("overlap", clip.id, "covered by a later clip");
      }
    }
  }

  #trackView(track: TrackRecord, parts: readonly Visible[], sequence: SequenceRecord): TrackView {
    const spans: Span[] = parts.map((part) => {
      const span = clipSpan(part, track, this.#gathered, this.#assets);
      if (span.sequence !== undefined) this.view(span.sequence);
      reportMedia(span, track.kind, sequence.rate, this.#assets, this.#findings);
      return span;
    });
    return {
      id: track.id,
      kind: track.kind,
      active: track.active,
      props: track.props,
      curves: track.curves,
      effects: this.#gathered.effects.get(`tracks/${track.id}`) ?? [],
      spans,
    };
  }
}

/** Where the pictures or sounds of a track end; captions do not make a film longer [timeline-R9]. */
const endOf = ({ kind, spans }: TrackView): number => {
  const last = spans.at(-1);
  return last === undefined || kind === "caption" ? 0 : spanEnd(last);
};
