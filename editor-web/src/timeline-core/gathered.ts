/**
 * All live records of a document, read once and put where they belong: on tracks, under owners.
 *
 * What belongs nowhere is skipped and reported: clips without a live track are recovered, effects,
 * cues and markers without an owner are orphans [timeline-R6].
 */
import { compareText, type Findings } from "./diagnostics";
import type { DocRecord, Json, RecordRoot, TimelineDocument } from "./model";
import { refusedNestings, type Use } from "./nesting";
import {
  animatedCurves,
  type ClipRecord,
  changedProps,
  liveRecords,
  type ReadRecord,
  readClip,
  readParams,
  readRecord,
  reportBadValues,
  valueOr,
} from "./reading";
import type { Curves, EffectUse, MarkerView, Props } from "./resolved";
import {
  CLIP_KINDS,
  CUES,
  EFFECT_KINDS,
  EFFECTS,
  MARKERS,
  META,
  READER_VERSION,
  SCHEMA,
  SEQUENCES,
  TRACK_KINDS,
  TRACKS,
  TRANSITIONS,
} from "./schema";
import { flicks, type Rate } from "./time";

const FPS_MAX = 240;
const EFFECT_VERSION_MAX = 1;

const SEQUENCE_FIELDS = new Set([
  "name",
  "order",
  "width",
  "height",
  "fps_num",
  "fps_den",
  "sample_rate",
]);
const TRACK_FIELDS = new Set(["sequence", "kind", "order", "enabled", "muted", "solo"]);
const MARKER_FIELDS = new Set(["owner", "t", "duration"]);

export interface SequenceRecord {
  readonly id: string;
  readonly order: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly rate: Rate;
  readonly sampleRate: number;
  readonly props: Props;
}

/** A live track of a live sequence; `active` folds enabled, muted and solo. */
export interface TrackRecord {
  readonly id: string;
  readonly sequence: string;
  readonly order: string;
  readonly kind: string;
  readonly active: boolean;
  readonly props: Props;
  readonly curves: Curves;
}

export interface CueRecord {
  readonly id: string;
  readonly t: number;
  readonly duration: number;
  readonly values: Readonly<Record<string, Json>>;
}

/** `sequences/id`, `tracks/id` or `clips/id`. */
export type OwnerKey = `${"sequences" | "tracks" | "clips"}/${string}`;

/** Records by where they belong. `clips` are by track, `transitions` by sequence. */
export interface Gathered {
  readonly main: string | null;
  readonly sequences: ReadonlyMap<string, SequenceRecord>;
  readonly tracks: ReadonlyMap<string, TrackRecord>;
  readonly clips: ReadonlyMap<string, readonly ClipRecord[]>;
  readonly recovered: readonly string[];
  readonly transitions: ReadonlyMap<string, readonly ReadRecord[]>;
  readonly effects: ReadonlyMap<OwnerKey, readonly EffectUse[]>;
  readonly markers: ReadonlyMap<OwnerKey, readonly MarkerView[]>;
  readonly cues: ReadonlyMap<string, readonly CueRecord[]>;
}

/** Bottom to top [timeline-R9]. */
export const tracksOf = (gathered: Gathered, sequence: string): readonly TrackRecord[] =>
  [...gathered.tracks.values()]
    .filter((track) => track.sequence === sequence)
    .sort((left, right) => compareText(left.order, right.order) || compareText(left.id, right.id));

export const gather = (document: TimelineDocument, findings: Findings): Gathered =>
  new Gatherer(document, findings).gather();

const pushed = <K, V>(lists: Map<K, V[]>, key: K, value: V): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
};

class Gatherer {
  readonly #document: TimelineDocument;
  readonly #findings: Findings;
  readonly #variables: ReadonlySet<Json>;

  constructor(document: TimelineDocument, findings: Findings) {
    this.#document = document;
    this.#findings = findings;
    const variables = liveRecords(document, "variables", findings);
    this.#variables = new Set(variables.map(([id]) => id));
    for (const [id, record] of variables) this.#read("variables", id, record);
  }

  gather(): Gathered {
    const sequences = new Map(
      this.#reads("sequences").map((read) => [read.id, this.#sequence(read)]),
    );
    const main = this.#main(sequences);
    const tracks = this.#tracks(sequences, main);
    const { byTrack, live, recovered } = this.#clips(tracks);
    const clips = this.#withoutRefused(byTrack, tracks, sequences);
    // Of equal ids the clip owns, then the track: as the last entry of one map would.
    const ownerOf = (id: string): OwnerKey | null => {
      if (live.has(id)) return `clips/${id}`;
      if (tracks.has(id)) return `tracks/${id}`;
      return sequences.has(id) ? `sequences/${id}` : null;
    };
    return {
      main,
      sequences,
      tracks,
      clips,
      recovered,
      transitions: this.#transitions(clips, tracks),
      effects: this.#effects(ownerOf),
      markers: this.#markers(ownerOf, main),
      cues: this.#cues(live),
    };
  }

  #reads(root: RecordRoot): readonly ReadRecord[] {
    return liveRecords(this.#document, root, this.#findings).map(([id, record]) =>
      this.#read(root, id, record),
    );
  }

  #read(root: RecordRoot, id: string, record: DocRecord): ReadRecord {
    const read = readRecord(id, record, SCHEMA[root]);
    // Wrong placement of a clip is more than a bad value.
    if (read.bad.length > 0 && root !== "clips") reportBadValues(read, this.#findings);
    for (const [prop, variable] of Object.entries(read.bindings)) {
      if (!this.#variables.has(variable)) {
        this.#findings.add("variable_missing", id, `bind:${prop}`);
      }
    }
    return read;
  }

  #main(sequences: ReadonlyMap<string, SequenceRecord>): string | null {
    const read = readRecord("meta", this.#document.meta, META);
    reportBadValues(read, this.#findings);
    if ((valueOr(read, "min_reader", META) as number) > READER_VERSION) {
      this.#findings.add("too_new", "meta", "min_reader");
    }
    const wanted = (read.values["main_sequence"] ?? null) as string | null;
    if (wanted !== null && sequences.has(wanted)) return wanted;
    if (wanted !== null) this.#findings.add("bad_value", "meta", "main_sequence");
    const [first] = [...sequences.values()].sort(
      (left, right) => compareText(left.order, right.order) || compareText(left.id, right.id),
    );
    return first?.id ?? null;
  }

  #sequence(read: ReadRecord): SequenceRecord {
    const value = (key: string): Json => valueOr(read, key, SEQUENCES);
    let rate: Rate = { num: value("fps_num") as number, den: value("fps_den") as number };
    if (rate.num < rate.den || rate.num > FPS_MAX * rate.den) {
      this.#findings.add("bad_value", read.id, "fps_num, fps_den");
      rate = { num: 30, den: 1 };
    }
    return {
      id: read.id,
      order: value("order") as string,
      name: value("name") as string,
      width: value("width") as number,
      height: value("height") as number,
      rate,
      sampleRate: value("sample_rate") as number,
      props: changedProps(read.values, SEQUENCES, SEQUENCE_FIELDS),
    };
  }

  #tracks(
    sequences: ReadonlyMap<string, SequenceRecord>,
    main: string | null,
  ): ReadonlyMap<string, TrackRecord> {
    const found: { read: ReadRecord; sequence: string; kind: string }[] = [];
    const soloed = new Set<string>();
    for (const read of this.#reads("tracks")) {
      const sequence = (read.values["sequence"] ?? main) as string | null;
      const kind = valueOr(read, "kind", TRACKS) as string;
      if (!TRACK_KINDS.includes(kind)) this.#findings.add("unknown_kind", read.id, "kind");
      else if (sequence !== null && sequences.has(sequence)) {
        found.push({ read, sequence, kind });
        if (kind === "audio" && read.values["solo"] === true) soloed.add(sequence);
      }
    }
    return new Map(
      found.map(({ read, sequence, kind }) => [
        read.id,
        {
          id: read.id,
          sequence,
          order: valueOr(read, "order", TRACKS) as string,
          kind,
          active: isActive(read, kind, soloed.has(sequence)),
          props: changedProps(read.values, TRACKS, TRACK_FIELDS),
          curves: animatedCurves(read.curves, TRACKS),
        },
      ]),
    );
  }

  /** Placed clips by track, the ids of all live clips, and of those without a live track. */
  #clips(tracks: ReadonlyMap<string, TrackRecord>) {
    const byTrack = new Map<string, ClipRecord[]>();
    const live = new Set<string>();
    const recovered: string[] = [];
    for (const read of this.#reads("clips")) {
      live.add(read.id);
      const track = tracks.get((read.values["track"] ?? "") as string);
      const clip = readClip(read, track?.kind ?? "video", this.#findings);
      if (clip === null) continue;
      if (track === undefined) {
        this.#findings.add("orphan_clip", read.id, clip.track);
        recovered.push(read.id);
      } else if (CLIP_KINDS.get(track.kind)?.has(clip.kind) !== true) {
        this.#findings.add("wrong_track_kind", read.id, `${clip.kind} on ${track.kind}`);
      } else {
        pushed(byTrack, track.id, clip);
      }
    }
    return { byTrack, live, recovered: recovered.sort(compareText) };
  }

  /** Takes the clips out that nest too deep or in a circle [timeline-R7]. */
  #withoutRefused(
    byTrack: ReadonlyMap<string, readonly ClipRecord[]>,
    tracks: ReadonlyMap<string, TrackRecord>,
    sequences: ReadonlyMap<string, SequenceRecord>,
  ): ReadonlyMap<string, readonly ClipRecord[]> {
    const uses: Use[] = [];
    for (const [track, clips] of byTrack) {
      const source = tracks.get(track)?.sequence ?? "";
      for (const { id, sequence } of clips) {
        if (sequence !== null && sequences.has(sequence)) uses.push([id, source, sequence]);
      }
    }
    const refused = refusedNestings(uses);
    for (const [clip, code] of refused) this.#findings.add(code, clip);
    if (refused.size === 0) return byTrack;
    return new Map(
      [...byTrack].map(([track, clips]) => [track, clips.filter(({ id }) => !refused.has(id))]),
    );
  }

  #transitions(
    clips: ReadonlyMap<string, readonly ClipRecord[]>,
    tracks: ReadonlyMap<string, TrackRecord>,
  ): ReadonlyMap<string, readonly ReadRecord[]> {
    const sequenceOf = new Map<Json, string>();
    for (const [track, found] of clips) {
      const sequence = tracks.get(track)?.sequence ?? "";
      for (const { id } of found) sequenceOf.set(id, sequence);
    }
    const bySequence = new Map<string, ReadRecord[]>();
    for (const read of this.#reads("transitions")) {
      const sequence =
        sequenceOf.get(valueOr(read, "left", TRANSITIONS)) ??
        sequenceOf.get(valueOr(read, "right", TRANSITIONS));
      if (sequence !== undefined) pushed(bySequence, sequence, read);
      else this.#findings.add("transition_not_at_cut", read.id, "no such clips");
    }
    return bySequence;
  }

  #effects(ownerOf: (id: string) => OwnerKey | null): ReadonlyMap<OwnerKey, readonly EffectUse[]> {
    const byOwner = new Map<OwnerKey, (readonly [string, EffectUse])[]>();
    for (const read of this.#reads("effects")) {
      const owner = ownerOf((valueOr(read, "owner", EFFECTS) ?? "") as string);
      if (owner === null) {
        this.#findings.add("orphan_record", read.id, "effect");
        continue;
      }
      const effect = this.#effect(read);
      if (effect !== null) {
        pushed(byOwner, owner, [valueOr(read, "order", EFFECTS) as string, effect] as const);
      }
    }
    return new Map(
      [...byOwner].map(([owner, found]) => [
        owner,
        found
          .sort(
            ([order, left], [otherOrder, right]) =>
              compareText(order, otherOrder) || compareText(left.id, right.id),
          )
          .map(([, effect]) => effect),
      ]),
    );
  }

  /** The effect as it is drawn; null where it is off, unknown or not drawn yet. */
  #effect(read: ReadRecord): EffectUse | null {
    const name = valueOr(read, "kind", EFFECTS) as string;
    const version = valueOr(read, "kind_version", EFFECTS) as number;
    const kind = EFFECT_KINDS.get(name);
    if (kind === undefined) {
      this.#findings.add("unknown_kind", read.id, "kind");
      return null;
    }
    if (version > EFFECT_VERSION_MAX) {
      this.#findings.add("effect_unsupported", read.id, `${name} ${version}`);
      return null;
    }
    if (read.values["enabled"] === false) return null;
    return {
      id: read.id,
      kind: name,
      kind_version: version,
      params: readParams(read.params, kind.params, read.id, this.#findings),
      curves: animatedCurves(read.curves, kind.params),
    };
  }

  #markers(
    ownerOf: (id: string) => OwnerKey | null,
    main: string | null,
  ): ReadonlyMap<OwnerKey, readonly MarkerView[]> {
    const byOwner = new Map<OwnerKey, MarkerView[]>();
    for (const read of this.#reads("markers")) {
      const owner = ownerOf((read.values["owner"] ?? main ?? "") as string);
      if (owner === null || owner.startsWith("tracks/")) {
        this.#findings.add("orphan_record", read.id, "marker");
        continue;
      }
      pushed(byOwner, owner, {
        id: read.id,
        t: flicks(valueOr(read, "t", MARKERS) as number),
        duration: flicks(valueOr(read, "duration", MARKERS) as number),
        props: changedProps(read.values, MARKERS, MARKER_FIELDS),
      });
    }
    for (const found of byOwner.values()) found.sort(byTime);
    return byOwner;
  }

  #cues(liveClips: ReadonlySet<string>): ReadonlyMap<string, readonly CueRecord[]> {
    const byClip = new Map<string, CueRecord[]>();
    for (const read of this.#reads("cues")) {
      const clip = valueOr(read, "clip", CUES) as string | null;
      if (clip === null || !liveClips.has(clip)) {
        this.#findings.add("orphan_record", read.id, "cue");
        continue;
      }
      pushed(byClip, clip, {
        id: read.id,
        t: valueOr(read, "t", CUES) as number,
        duration: valueOr(read, "duration", CUES) as number,
        values: read.values,
      });
    }
    for (const found of byClip.values()) found.sort(byTime);
    return byClip;
  }
}

const byTime = (
  left: { readonly t: number; readonly id: string },
  right: { readonly t: number; readonly id: string },
): number => left.t - right.t || compareText(left.id, right.id);

const isActive = ({ values }: ReadRecord, kind: string, solo: boolean): boolean => {
  if (kind !== "audio") return values["enabled"] !== false;
  if (values["muted"] === true) return false;
  return !solo || values["solo"] === true;
};
