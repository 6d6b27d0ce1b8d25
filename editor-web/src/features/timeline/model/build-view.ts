/**
 * The document as the timeline draws it. Records are immutable values that keep their identity
 * until somebody writes to them, so a clip's view is made once and again only for changed records.
 */
import type { AssetFacts, AssetTable } from "@/timeline-core/media";
import type { DocRecord, Json, Records, TimelineDocument } from "@/timeline-core/model";
import { flicks, TICKS } from "@/timeline-core/time";
import {
  type ClipTone,
  type ClipView,
  type CueView,
  endOf,
  type MarkerView,
  type SequenceName,
  type TimelineView,
  type TrackKind,
  type TrackView,
  type TransitionView,
} from "./view-model";

export type ClipNames = (record: DocRecord, asset: string | null) => string;

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const flag = (value: Json | undefined, usual: boolean): boolean =>
  typeof value === "boolean" ? value : usual;
const whole = (value: Json | undefined, usual: number): number =>
  typeof value === "number" && Number.isInteger(value) ? value : usual;
const live = (record: DocRecord): boolean => record["removed"] !== true;

const UNKNOWN_LENGTH = 5 * TICKS; // where neither the record nor the source tells
const USUAL_CUE = 2 * TICKS;
const TRANSITION_REACH = TICKS / 4;
const KINDS: ReadonlySet<string> = new Set(["video", "audio", "caption"]);
const TONES: Readonly<Record<string, ClipTone>> = {
  title: "title",
  captions: "caption",
  adjustment: "adjustment",
  sequence: "sequence",
  generator: "adjustment",
};

type Cached = {
  readonly facts: AssetFacts | undefined;
  readonly label: string;
  readonly kind: TrackKind;
  readonly cues: readonly CueView[];
  readonly view: ClipView;
};

const NO_CUES: readonly CueView[] = [];

/** Keeps what was made, so that an edit of one clip makes one clip anew. */
export class ViewBuilder {
  readonly #clips = new WeakMap<DocRecord, Cached>();
  #tracks = new Map<string, TrackView>();
  #cueRecords: Records | null = null;
  #cues: ReadonlyMap<string, readonly CueView[]> = new Map();

  build(
    document: TimelineDocument,
    assets: AssetTable,
    open: string | null,
    nameOf: ClipNames,
  ): TimelineView {
    const sequence = open ?? mainSequence(document);
    const record = document.sequences.get(sequence) ?? {};
    const byTrack = this.#clipsByTrack(document, assets, nameOf);
    const transitions = transitionsByTrack(document, byTrack);
    const tracks = tracksOf(document, sequence).map(([id, track]) =>
      this.#track(id, track, byTrack.get(id) ?? [], transitions.get(id) ?? []),
    );
    this.#tracks = new Map(tracks.map((track) => [track.id, track]));
    let duration = 0;
    for (const track of tracks) {
      if (track.kind === "caption") continue;
      for (const clip of track.clips) duration = Math.max(duration, endOf(clip));
    }
    return {
      sequence,
      sequences: sequencesOf(document),
      size: { width: whole(record["width"], 1920), height: whole(record["height"], 1080) },
      rate: { num: whole(record["fps_num"], 30), den: whole(record["fps_den"], 1) },
      startTc: flicks(whole(record["start_tc"], 0)),
      duration: flicks(duration),
      tracks,
      markers: markersOf(document, sequence),
    };
  }

  #clipsByTrack(
    document: TimelineDocument,
    assets: AssetTable,
    nameOf: ClipNames,
  ): Map<string, ClipView[]> {
    const byTrack = new Map<string, ClipView[]>();
    if (document.cues !== this.#cueRecords) {
      this.#cues = cuesByClip(document.cues);
      this.#cueRecords = document.cues;
    }
    for (const [id, record] of document.clips) {
      const track = document.tracks.get(text(record["track"]));
      if (!live(record) || !track || !live(track) || !placed(record)) continue;
      const view = this.#clip(id, record, kindOf(track), assets, nameOf);
      const row = byTrack.get(view.track);
      if (row) row.push(view);
      else byTrack.set(view.track, [view]);
    }
    for (const row of byTrack.values()) row.sort(inOrder);
    return byTrack;
  }

  #clip(
    id: string,
    record: DocRecord,
    kind: TrackKind,
    assets: AssetTable,
    nameOf: ClipNames,
  ): ClipView {
    const asset = text(record["asset"]) || null;
    const facts = asset === null ? undefined : assets.get(asset);
    const label = nameOf(record, asset);
    const cues = this.#cues.get(id) ?? NO_CUES;
    const known = this.#clips.get(record);
    const same = known?.facts === facts && known?.label === label && known?.kind === kind;
    if (known && same && known.cues === cues) return known.view;
    const view = clipView({ id, record, kind, asset, facts, label, cues });
    this.#clips.set(record, { facts, label, kind, cues, view });
    return view;
  }

  /** The same track object as before where nothing on it changed. */
  #track(
    id: string,
    record: DocRecord,
    clips: readonly ClipView[],
    transitions: readonly TransitionView[],
  ): TrackView {
    const made: TrackView = {
      id,
      kind: kindOf(record),
      name: text(record["name"]),
      locked: flag(record["locked"], false),
      muted: flag(record["muted"], false),
      solo: flag(record["solo"], false),
      enabled: flag(record["enabled"], true),
      syncLock: flag(record["sync_lock"], true),
      clips,
      transitions,
    };
    const before = this.#tracks.get(id);
    return before && sameTrack(before, made) ? before : made;
  }
}

const inOrder = (left: ClipView, right: ClipView): number =>
  left.start - right.start || (left.id < right.id ? -1 : 1);

function placed(record: DocRecord): boolean {
  const start = record["start"];
  const duration = record["duration"];
  const fits = (value: Json | undefined, least: number): boolean =>
    value === undefined ||
    value === null ||
    (Number.isInteger(value) && (value as number) >= least);
  return fits(start, 0) && fits(duration, 1);
}

export const kindOf = (track: DocRecord): TrackKind => {
  const kind = text(track["kind"]) || "video";
  return KINDS.has(kind) ? (kind as TrackKind) : "video";
};

type ClipParts = {
  readonly id: string;
  readonly record: DocRecord;
  readonly kind: TrackKind;
  readonly asset: string | null;
  readonly facts: AssetFacts | undefined;
  readonly label: string;
  readonly cues: readonly CueView[];
};

/** The live lines of every captions clip, by their start. */
function cuesByClip(records: Records): ReadonlyMap<string, readonly CueView[]> {
  const found = new Map<string, CueView[]>();
  for (const [id, record] of rows(records)) {
    const start = flicks(whole(record["t"], 0));
    const duration = flicks(Math.max(1, whole(record["duration"], USUAL_CUE)));
    const clip = text(record["clip"]);
    const cue = { id, start, duration, text: text(record["text"]) };
    const others = found.get(clip);
    if (others) others.push(cue);
    else found.set(clip, [cue]);
  }
  for (const cues of found.values()) cues.sort((left, right) => left.start - right.start);
  return found;
}

function clipView({ id, record, kind, asset, facts, label, cues }: ClipParts): ClipView {
  const clipKind = text(record["kind"]) || (kind === "caption" ? "captions" : "media");
  const speedNum = whole(record["speed_num"], 1);
  const speedDen = Math.max(1, whole(record["speed_den"], 1));
  const sourceIn = whole(record["source_in"], 0);
  const left = facts?.duration == null || speedNum === 0 ? null : facts.duration - sourceIn;
  const natural =
    left === null || left <= 0 ? UNKNOWN_LENGTH : left * Math.abs(speedDen / speedNum);
  const badge = badgeOf(clipKind, asset, facts, record);
  return {
    id,
    track: text(record["track"]),
    kind: clipKind,
    tone: badge === "missing" || badge === "failed" ? "missing" : toneOf(clipKind, kind),
    start: flicks(whole(record["start"], 0)),
    duration: flicks(Math.max(1, Math.round(whole(record["duration"], natural)))),
    sourceIn: flicks(sourceIn),
    speed: [speedNum, speedDen],
    asset,
    link: text(record["link"]),
    group: text(record["group"]),
    nested: text(record["sequence"]) || null,
    label,
    enabled: flag(record["enabled"], true),
    fadeIn: flicks(whole(record["fade_in"], 0)),
    fadeOut: flicks(whole(record["fade_out"], 0)),
    badge,
    cues,
  };
}

function toneOf(kind: string, track: TrackKind): ClipTone {
  if (kind === "media") return track === "audio" ? "audio" : "video";
  return TONES[kind] ?? "unknown";
}

function badgeOf(
  kind: string,
  asset: string | null,
  facts: AssetFacts | undefined,
  record: DocRecord,
): ClipView["badge"] {
  if (kind !== "media") return null;
  if (asset === null) return "missing";
  if (facts !== undefined && facts.state !== "ready") return facts.state;
  return text(record["run"]) === "" ? null : "landed";
}

export function mainSequence(document: TimelineDocument): string {
  const named = document.meta["main_sequence"];
  if (typeof named === "string" && document.sequences.has(named)) return named;
  const sequences = [...document.sequences].filter(([, record]) => live(record));
  sequences.sort(byOrder);
  return sequences[0]?.[0] ?? "";
}

/** Main first as it is what opens; then by order. */
function sequencesOf(document: TimelineDocument): readonly SequenceName[] {
  const main = mainSequence(document);
  const found = [...document.sequences].filter(([, record]) => live(record)).sort(byOrder);
  return found.map(([id, record]) => ({ id, name: text(record["name"]), main: id === main }));
}

const byOrder = (
  left: readonly [string, DocRecord],
  right: readonly [string, DocRecord],
): number => {
  const one = text(left[1]["order"]);
  const other = text(right[1]["order"]);
  if (one !== other) return one < other ? -1 : 1;
  return left[0] < right[0] ? -1 : 1;
};

const RANK: Readonly<Record<TrackKind, number>> = { caption: 0, video: 1, audio: 2 };

/** As on screen: captions, pictures with the topmost first, then sound in its order. */
function tracksOf(
  document: TimelineDocument,
  sequence: string,
): readonly (readonly [string, DocRecord])[] {
  const main = mainSequence(document);
  const own = [...document.tracks].filter(
    ([, track]) => live(track) && (text(track["sequence"]) || main) === sequence,
  );
  return own.sort((left, right) => {
    const kind = kindOf(left[1]);
    const rank = RANK[kind] - RANK[kindOf(right[1])];
    if (rank !== 0) return rank;
    return kind === "audio" ? byOrder(left, right) : byOrder(right, left);
  });
}

function transitionsByTrack(
  document: TimelineDocument,
  byTrack: ReadonlyMap<string, readonly ClipView[]>,
): Map<string, TransitionView[]> {
  const found = new Map<string, TransitionView[]>();
  if (document.transitions.size === 0) return found;
  const clips = new Map([...byTrack.values()].flat().map((clip) => [clip.id, clip]));
  for (const [id, record] of document.transitions) {
    const view = live(record) ? transitionView(id, record, clips) : null;
    if (!view) continue;
    const row = found.get(view.track);
    // One per cut, the smallest id: the others stay in the document and are not drawn.
    const rival = row?.findIndex((other) => other.at === view.at) ?? -1;
    if (!row) found.set(view.track, [view]);
    else if (rival < 0) row.push(view);
    else if ((row[rival] as TransitionView).id > id) row[rival] = view;
  }
  return found;
}

function transitionView(
  id: string,
  record: DocRecord,
  clips: ReadonlyMap<string, ClipView>,
): TransitionView | null {
  const left = clips.get(text(record["left"])) ?? null;
  const right = clips.get(text(record["right"])) ?? null;
  const one = left ?? right;
  if (!one) return null;
  if (left && right && (left.track !== right.track || endOf(left) !== right.start)) return null;
  const reach = (key: string): number => Math.max(0, whole(record[key], TRANSITION_REACH));
  const room = (clip: ClipView | null): number => clip?.duration ?? 0;
  return {
    id,
    track: one.track,
    kind: text(record["kind"]) || "dissolve",
    left: left?.id ?? null,
    right: right?.id ?? null,
    at: right?.start ?? endOf(one),
    inOffset: flicks(Math.min(reach("in_offset"), room(left))),
    outOffset: flicks(Math.min(reach("out_offset"), room(right))),
  };
}

function markersOf(document: TimelineDocument, sequence: string): readonly MarkerView[] {
  const main = mainSequence(document);
  return rows(document.markers)
    .filter(([, record]) => (text(record["owner"]) || main) === sequence)
    .map(([id, record]) => ({
      id,
      at: flicks(Math.max(0, whole(record["t"], 0))),
      duration: flicks(Math.max(0, whole(record["duration"], 0))),
      kind: text(record["kind"]) || "marker",
      name: text(record["name"]),
      color: text(record["color"]),
    }))
    .sort((left, right) => left.at - right.at);
}

const rows = (records: Records): readonly (readonly [string, DocRecord])[] =>
  [...records].filter(([, record]) => live(record));

function sameTrack(one: TrackView, other: TrackView): boolean {
  const keys = ["kind", "name", "locked", "muted", "solo", "enabled", "syncLock"] as const;
  return (
    keys.every((key) => one[key] === other[key]) &&
    one.clips.length === other.clips.length &&
    one.clips.every((clip, index) => clip === other.clips[index]) &&
    one.transitions.length === other.transitions.length &&
    one.transitions.every((view, index) => sameTransition(view, other.transitions[index]))
  );
}

const sameTransition = (one: TransitionView, other: TransitionView | undefined): boolean =>
  other !== undefined &&
  one.id === other.id &&
  one.at === other.at &&
  one.kind === other.kind &&
  one.inOffset === other.inOffset &&
  one.outOffset === other.outOffset;
