/**
 * What people see on the tracks of one sequence: visible pieces of clips, lane by lane.
 *
 * The edits work on this [timeline-E1]. It is the layout part of `resolve` alone (placement,
 * winners of overlaps), kept lane by lane so that one edit of a long timeline reads only what it
 * needs; a test proves that both agree on every document.
 */
import { compareText } from "./diagnostics";
import type { AssetTable } from "./media";
import type { DocRecord, Json, RecordRoot, Records } from "./model";
import { refusedNestings, type Use } from "./nesting";
import { fitsTheClock, reduced, type Speed } from "./reading";
import {
  BAD,
  CLIP_DURATION_DEFAULT,
  CLIP_KINDS,
  isId,
  PLACEMENT,
  readKey,
  SCHEMA,
  SPEED_TIMES_MAX,
  TRACK_KINDS,
} from "./schema";
import { flicks, local, mulDiv, type Rate, TICK_MAX } from "./time";

export const TIMED_KINDS: ReadonlySet<string> = new Set(["media", "sequence"]); // only these have a speed

/** The document as it is now; its maps may change under the reader. */
export interface LiveDocument extends Readonly<Record<RecordRoot, Records>> {
  readonly meta: DocRecord;
}

/** The stored placement of a clip, defaults filled in; `end` is exclusive. */
export interface Placed {
  readonly clip: string;
  readonly track: string;
  readonly kind: string;
  readonly start: number;
  readonly duration: number;
  readonly end: number;
  readonly sourceIn: number;
  readonly speed: Speed;
}

/** Local time of a placed clip at sequence tick `at`. */
export const localIn = ({ start, sourceIn, speed }: Placed, at: number): number =>
  local(flicks(at), flicks(start), flicks(sourceIn), speed[0], speed[1]);

/** A visible stretch of a clip. */
export interface Piece {
  readonly of: Placed;
  readonly clip: string;
  readonly start: number;
  readonly end: number;
}

/** Whether the clip is visible from its stored head to its stored tail. */
export const isWhole = ({ of, start, end }: Piece): boolean => start === of.start && end === of.end;

interface LaneFacts {
  readonly track: string;
  readonly kind: string;
  readonly sequence: string;
  readonly rate: Rate;
  readonly order: string;
  readonly locked: boolean;
  readonly syncLock: boolean;
}

/** One live track: its placed clips by (start, id) and their visible pieces in time order. */
export class Lane {
  readonly track: string;
  readonly kind: string;
  readonly sequence: string;
  readonly rate: Rate;
  readonly order: string;
  readonly locked: boolean;
  readonly syncLock: boolean;
  readonly placed: readonly Placed[];
  readonly pieces: readonly Piece[];

  constructor(facts: LaneFacts, placed: readonly Placed[]) {
    this.track = facts.track;
    this.kind = facts.kind;
    this.sequence = facts.sequence;
    this.rate = facts.rate;
    this.order = facts.order;
    this.locked = facts.locked;
    this.syncLock = facts.syncLock;
    this.placed = placed;
    this.pieces = visible(placed);
  }

  get end(): number {
    return this.pieces.at(-1)?.end ?? 0;
  }

  /** The pieces that have something inside [start, end). */
  within(start: number, end: number): readonly Piece[] {
    const first = firstIndex(this.pieces, (piece) => piece.end > start);
    const last = firstIndex(this.pieces, (piece) => piece.start >= end);
    return this.pieces.slice(first, last);
  }

  /** The piece shown at a tick. */
  at(tick: number): Piece | undefined {
    return this.within(tick, tick + 1)[0];
  }

  /** The piece whose visible tail stands at a tick. */
  endingAt(tick: number): Piece | undefined {
    const found = this.within(tick - 1, tick).at(-1);
    return found?.end === tick ? found : undefined;
  }

  /** The piece whose visible head stands at a tick. */
  startingAt(tick: number): Piece | undefined {
    const [found] = this.within(tick, tick + 1);
    return found?.start === tick ? found : undefined;
  }

  piecesOf(clip: string): readonly Piece[] {
    return this.pieces.filter((piece) => piece.clip === clip);
  }
}

/** The index of the first item from which on `holds` is true; the length where it never is. */
const firstIndex = <T>(items: readonly T[], holds: (item: T) => boolean): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const center = Math.floor((low + high) / 2);
    if (holds(items[center] as T)) high = center;
    else low = center + 1;
  }
  return low;
};

/** An integer, where a float with an integral value counts and a bool does not [timeline-R3]. */
export const integer = (value: Json | undefined): number | null =>
  typeof value === "number" && Number.isInteger(value) ? value + 0 : null;

export const textOf = (value: Json | undefined, fallback = ""): string =>
  typeof value === "string" ? value : fallback;

export const isLive = (record: DocRecord | undefined): record is DocRecord =>
  record !== undefined && record["removed"] !== true;

/** The valid value of a key, its default where it is missing or wrong. */
export const readable = (root: RecordRoot, record: DocRecord, key: string): Json => {
  const found = readKey(root, key, record[key] ?? null);
  return found === BAD ? (SCHEMA[root].get(key)?.default ?? null) : found;
};

const clipKind = (record: DocRecord, trackKind: string): string => {
  const found = record["kind"] ?? null;
  const valid = found === null ? null : readKey("clips", "kind", found);
  if (typeof valid === "string") return valid;
  return trackKind === "caption" ? "captions" : "media";
};

/** How long a clip without a length lasts: what is left of the source at this speed. */
const leftOfSource = (sourceEnd: number | null, sourceIn: number, [num, den]: Speed): number => {
  if (sourceEnd === null || num === 0) return CLIP_DURATION_DEFAULT;
  const left = mulDiv(num > 0 ? sourceEnd - sourceIn : sourceIn, den, Math.abs(num));
  return left >= 1 ? left : CLIP_DURATION_DEFAULT;
};

const byHead = (left: Placed, right: Placed): number =>
  left.start - right.start || compareText(left.clip, right.clip);

/** The visible pieces in time order; of those at one instant the greatest (start, id) wins [timeline-R4]. */
const visible = (placed: readonly Placed[]): readonly Piece[] => {
  const pieces: Piece[] = [];
  const stack: Placed[] = [];
  let now = 0;
  const advance = (limit: number): void => {
    for (let top = stack.at(-1); top !== undefined && now < limit; top = stack.at(-1)) {
      if (top.end <= now) {
        stack.pop();
        continue;
      }
      const end = Math.min(top.end, limit);
      pieces.push({ of: top, clip: top.clip, start: now, end });
      now = end;
    }
    now = Math.max(now, limit);
  };
  for (const clip of placed) {
    advance(clip.start);
    stack.push(clip);
  }
  advance(TICK_MAX);
  return pieces;
};

/** The lanes of a document, made when first asked for; `forget` what has been written since. */
export class Seen {
  readonly #now: LiveDocument;
  readonly #assets: AssetTable;
  readonly #lanes = new Map<string, Lane>();
  #clipsOn: Map<string, Set<string>> | undefined;
  #refused: ReadonlySet<string> | undefined;

  constructor(now: LiveDocument, assets: AssetTable) {
    this.#now = now;
    this.#assets = assets;
  }

  /** Something on `track` was written. */
  forget(track: string): void {
    this.#lanes.delete(track);
    this.#refused = undefined;
  }

  /** A track or sequence was written. */
  forgetAll(): void {
    this.#lanes.clear();
    this.#refused = undefined;
  }

  /** A clip is created on, or goes to, another track. */
  moved(clip: string, before: string, after: string): void {
    const clipsOn = this.#index();
    clipsOn.get(before)?.delete(clip);
    clipsOn.set(after, (clipsOn.get(after) ?? new Set()).add(clip));
    this.forget(before);
    this.forget(after);
  }

  /** The main sequence: the one `meta` names, else the first live one by (order, id). */
  mainSequence(): string | null {
    const { meta, sequences } = this.#now;
    const named = meta["main_sequence"];
    if (typeof named === "string" && this.#isSequence(named)) return named;
    const order = (id: string): string =>
      textOf(readable("sequences", sequences.get(id) ?? {}, "order"));
    const [first] = [...sequences.keys()]
      .filter((id) => this.#isSequence(id))
      .sort((left, right) => compareText(order(left), order(right)) || compareText(left, right));
    return first ?? null;
  }

  /** The live sequence that a live track belongs to. */
  sequenceOf(track: string): string | null {
    const record = this.#now.tracks.get(track);
    if (!isLive(record) || !isId(track)) return null;
    const named = readable("tracks", record, "sequence");
    const sequence = typeof named === "string" ? named : this.mainSequence();
    return sequence !== null && this.#isSequence(sequence) ? sequence : null;
  }

  /** The frame rate of a sequence; 30/1 where it is missing or wrong. */
  rate(sequence: string): Rate {
    const record = this.#now.sequences.get(sequence) ?? {};
    const num = readable("sequences", record, "fps_num") as number;
    const den = readable("sequences", record, "fps_den") as number;
    return den <= num && num <= 240 * den ? { num, den } : { num: 30, den: 1 };
  }

  /** Where a clip stands, or null where its kind or its placement keys are wrong [timeline-R6]. */
  placement(clip: string, trackKind: string): Placed | null {
    const record = this.#now.clips.get(clip) ?? {};
    const kind = clipKind(record, trackKind);
    const values: Record<string, Json> = {};
    for (const key of PLACEMENT) {
      const value = readKey("clips", key, record[key] ?? null);
      if (value === BAD) return null;
      values[key] = value;
    }
    if (CLIP_KINDS.get(trackKind)?.has(kind) !== true) return null;
    const own = reduced(values["speed_num"] as number, values["speed_den"] as number);
    if (Math.abs(own[0]) > SPEED_TIMES_MAX * own[1]) return null;
    const speed: Speed = TIMED_KINDS.has(kind) ? own : [1, 1];
    const start = values["start"] as number;
    let sourceIn = values["source_in"] as number | null;
    let duration = values["duration"] as number | null;
    if (sourceIn === null || duration === null) {
      const sourceEnd = this.#sourceEnd(record, kind);
      sourceIn ??= speed[0] < 0 ? (sourceEnd ?? 0) : 0;
      duration ??= leftOfSource(sourceEnd, sourceIn, speed);
    }
    if (!fitsTheClock(start, duration, sourceIn, speed)) return null;
    const track = textOf(record["track"]);
    return { clip, track, kind, start, duration, end: start + duration, sourceIn, speed };
  }

  /** The live tracks of a sequence, bottom to top. */
  lanes(sequence: string): readonly Lane[] {
    return [...this.#now.tracks.keys()]
      .filter((track) => this.sequenceOf(track) === sequence)
      .map((track) => this.lane(track))
      .filter((lane) => lane !== null)
      .sort(
        (left, right) =>
          compareText(left.order, right.order) || compareText(left.track, right.track),
      );
  }

  /** A live track of a live sequence with what it holds; null where there is no such track. */
  lane(track: string): Lane | null {
    const known = this.#lanes.get(track);
    if (known !== undefined) return known;
    const sequence = this.sequenceOf(track);
    const record = this.#now.tracks.get(track) ?? {};
    const kind = textOf(readable("tracks", record, "kind"));
    if (sequence === null || !TRACK_KINDS.includes(kind)) return null;
    const lane = this.#read(track, record, kind, sequence);
    this.#lanes.set(track, lane);
    return lane;
  }

  #isSequence(name: string): boolean {
    return isId(name) && isLive(this.#now.sequences.get(name));
  }

  /** How long the asset or nested sequence of a clip is, where known. */
  #sourceEnd(record: DocRecord, kind: string): number | null {
    if (kind === "media") {
      return this.#assets.get(textOf(readable("clips", record, "asset")))?.duration ?? null;
    }
    const nested = kind === "sequence" ? readable("clips", record, "sequence") : null;
    if (typeof nested !== "string" || !this.#isSequence(nested)) return null;
    const ends = this.lanes(nested)
      .filter((lane) => lane.kind !== "caption")
      .map((lane) => lane.end);
    return Math.max(0, ...ends);
  }

  #index(): Map<string, Set<string>> {
    if (this.#clipsOn !== undefined) return this.#clipsOn;
    const clipsOn = new Map<string, Set<string>>();
    for (const [clip, record] of this.#now.clips) {
      const track = textOf(record["track"]);
      clipsOn.set(track, (clipsOn.get(track) ?? new Set()).add(clip));
    }
    this.#clipsOn = clipsOn;
    return clipsOn;
  }

  #read(track: string, record: DocRecord, kind: string, sequence: string): Lane {
    const { clips } = this.#now;
    let names = [...(this.#index().get(track) ?? [])].filter(
      (clip) => isLive(clips.get(clip)) && isId(clip),
    );
    if (names.some((clip) => clips.get(clip)?.["kind"] === "sequence")) {
      const refused = this.#refusedNestings();
      names = names.filter((clip) => !refused.has(clip));
    }
    const placed = names
      .map((clip) => this.placement(clip, kind))
      .filter((where) => where !== null)
      .sort(byHead);
    const facts = {
      track,
      kind,
      sequence,
      rate: this.rate(sequence),
      order: textOf(readable("tracks", record, "order")),
      locked: record["locked"] === true,
      syncLock: record["sync_lock"] !== false,
    };
    return new Lane(facts, placed);
  }

  /** Sequence clips that nest in a circle or too deep: nobody sees them [timeline-R7]. */
  #refusedNestings(): ReadonlySet<string> {
    if (this.#refused !== undefined) return this.#refused;
    const uses: Use[] = [];
    for (const [clip, record] of this.#now.clips) {
      if (record["kind"] !== "sequence" || !isLive(record)) continue;
      const source = this.sequenceOf(textOf(record["track"]));
      const target = textOf(record["sequence"]);
      if (source !== null && this.#isSequence(target)) uses.push([clip, source, target]);
    }
    this.#refused = new Set(refusedNestings(uses).keys());
    return this.#refused;
  }
}
