/**
 * One edit while it is being worked out: writes gather here, the document outside never changes.
 *
 * An edit is computed first and written last, so a refusal half-way leaves nothing behind
 * [timeline-E3]. `edit()` answers each written key once, in one canonical order [timeline-E10]:
 * created records in the order of their creation, then keys by (root, record id, key).
 */
import { compareText } from "./diagnostics";
import type { AssetFacts, AssetTable } from "./media";
import {
  type Change,
  type DocRecord,
  type Edit,
  type Json,
  mapRoots,
  type NewId,
  type RecordRoot,
  type Records,
  ROOTS,
  type Root,
  sameJson,
  type TimelineDocument,
} from "./model";
import { EditRefused } from "./refusal";
import { PLACEMENT } from "./schema";
import { isLive, type Lane, type Piece, type Placed, Seen, textOf } from "./seen";

const LAYOUT_KEYS: ReadonlySet<string> = new Set([...PLACEMENT, "removed", "kind", "asset"]);

type MutableDocument = { meta: DocRecord } & Record<RecordRoot, Map<string, DocRecord>>;
type KeyPath = { readonly map: Root; readonly id: string; readonly key: string };

const pathOf = (...parts: readonly string[]): string => parts.join("\u0000");

const copied = (document: TimelineDocument): MutableDocument => ({
  meta: document.meta,
  ...mapRoots((root) => new Map(document[root])),
});

const withoutNulls = (record: DocRecord): DocRecord =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

const withoutKey = (record: DocRecord, key: string): DocRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

/** The document as it becomes, what people see of it, and the list of changes so far. */
export class Draft {
  readonly base: TimelineDocument;
  readonly assets: AssetTable;
  readonly newId: NewId;
  readonly seen: Seen;
  readonly names = new Map<string, string>();
  readonly #now: MutableDocument;
  readonly #created = new Map<string, { readonly map: RecordRoot; readonly id: string }>();
  readonly #before = new Map<string, KeyPath & { readonly before: Json }>();
  readonly #clamped = new Set<string>();
  readonly #halves = new Map<string, string[]>();
  /** Records by the text under a key, by root and key; made at the first question. */
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(document: TimelineDocument, assets: AssetTable, newId: NewId) {
    this.base = document;
    this.assets = assets;
    this.newId = newId;
    this.#now = copied(document);
    this.seen = new Seen(this.#now, assets);
  }

  records(root: RecordRoot): Records {
    return this.#now[root];
  }

  /** The raw record, removed or not; `{}` where there is none. */
  raw(root: RecordRoot, id: string): DocRecord {
    return this.#now[root].get(id) ?? {};
  }

  /** A live record. @throws EditRefused `not_found` */
  record(root: RecordRoot, id: string): DocRecord {
    const found = this.#now[root].get(id);
    if (!isLive(found)) throw new EditRefused("not_found", id, `no such record in ${root}`);
    return found;
  }

  /** Live records of `root` whose `key` is `owner`, by (order, id). */
  ownedBy(root: RecordRoot, key: string, owner: string): readonly string[] {
    const records = this.#now[root];
    const order = (id: string): string => textOf(records.get(id)?.["order"]);
    // The index may hold former ones, too.
    const isOwned = (id: string): boolean => {
      const record = records.get(id);
      return isLive(record) && record[key] === owner;
    };
    return [...(this.#index(root, key).get(owner) ?? [])]
      .filter(isOwned)
      .sort((left, right) => compareText(order(left), order(right)) || compareText(left, right));
  }

  /** The lane that a clip stands on. @throws EditRefused `not_found` where it is on none */
  laneOf(clip: string): Lane {
    const lane = this.seen.lane(textOf(this.record("clips", clip)["track"]));
    if (lane === null) throw new EditRefused("not_found", clip, "the clip is on no track");
    return lane;
  }

  /** A live track. @throws EditRefused `not_found` */
  lane(track: string): Lane {
    const lane = this.seen.lane(track);
    if (lane === null) throw new EditRefused("not_found", track, "no such track");
    return lane;
  }

  /** A live track that may be changed. @throws EditRefused `track_locked` [timeline-E4] */
  unlocked(track: string): Lane {
    const lane = this.lane(track);
    if (lane.locked) throw new EditRefused("track_locked", track, "the track is locked");
    return lane;
  }

  /** The stored placement of a clip with defaults. @throws EditRefused `not_found` where it has none */
  where(clip: string): Placed {
    const found = this.seen.placement(clip, this.laneOf(clip).kind);
    if (found === null) throw new EditRefused("not_found", clip, "the clip has no valid place");
    return found;
  }

  /** The visible pieces of a clip, in time order. */
  pieces(clip: string): readonly Piece[] {
    const lane = this.laneOf(clip);
    const where = this.seen.placement(clip, lane.kind);
    const near = where === null ? [] : lane.within(where.start, where.end);
    return near.filter((piece) => piece.clip === clip);
  }

  /** Facts of a media clip's asset, undefined where there are none. */
  facts(clip: string): AssetFacts | undefined {
    return this.assets.get(textOf(this.raw("clips", clip)["asset"]));
  }

  /** That sequence, or the main one. @throws EditRefused `not_found` */
  sequence(named: string | null = null): string {
    if (named !== null) {
      this.record("sequences", named);
      return named;
    }
    const main = this.seen.mainSequence();
    if (main === null) throw new EditRefused("not_found", "", "the document has no sequence");
    return main;
  }

  /** Sets one key of an existing record. */
  write(root: RecordRoot, id: string, key: string, value: Json): void {
    const record = this.raw(root, id);
    const before = record[key] ?? null;
    if (sameJson(before, value)) return;
    const isNew = this.#created.has(pathOf(root, id));
    if (!isNew) this.#remember({ map: root, id, key }, before);
    const after = isNew && value === null ? withoutKey(record, key) : { ...record, [key]: value };
    this.#now[root].set(id, after);
    this.#indexed(root, id, key, value);
    this.#note(root, id, key, before, value);
  }

  writeMeta(key: string, value: Json): void {
    const before = this.#now.meta[key] ?? null;
    if (sameJson(before, value)) return;
    this.#remember({ map: "meta", id: "", key }, before);
    this.#now.meta = { ...this.#now.meta, [key]: value };
    this.seen.forgetAll();
  }

  /** Adds a record; its id is fresh unless given. Keys that are null are left out. */
  create(root: RecordRoot, record: DocRecord, id = this.newId()): string {
    this.#now[root].set(id, withoutNulls(record));
    this.#created.set(pathOf(root, id), { map: root, id });
    for (const [key, value] of Object.entries(record)) this.#indexed(root, id, key, value);
    if (root === "clips") this.seen.moved(id, "", textOf(record["track"]));
    else if (root === "tracks" || root === "sequences") this.seen.forgetAll();
    return id;
  }

  /** Gives a created record a name for the caller; the first of a name stays. */
  name(name: string, id: string): void {
    if (!this.names.has(name)) this.names.set(name, id);
  }

  /** Writes placement keys of a clip. */
  place(clip: string, keys: Readonly<Record<string, number | string>>): void {
    for (const [key, value] of Object.entries(keys)) this.write("clips", clip, key, value);
  }

  /** Deletes softly [timeline-W4]. */
  remove(root: RecordRoot, id: string): void {
    this.write(root, id, "removed", true);
  }

  /** Reports that this clip could not go as far as asked. */
  clamp(clip: string): void {
    this.#clamped.add(clip);
  }

  /** `right` is a new half or copy: `settle` gives it a link value of its own [timeline-E6]. */
  halved(right: string): void {
    const link = textOf(this.raw("clips", right)["link"]);
    if (link !== "") this.#halves.set(link, [...(this.#halves.get(link) ?? []), right]);
  }

  /** Gives new halves their links; removes transitions whose clips were separated [timeline-E6, E7]. */
  settle(): void {
    this.settleLinks();
    this.#removeSeparated();
  }

  /** New link values, one for each set of two or more new halves or copies [timeline-E6]. */
  settleLinks(): void {
    for (const halves of this.#halves.values()) {
      const alive = halves.filter((half) => isLive(this.#now.clips.get(half)));
      const link = alive.length > 1 ? this.newId() : null;
      for (const half of alive) this.write("clips", half, "link", link);
    }
    this.#halves.clear();
  }

  /** The changes so far, each key once, in canonical order. */
  edit(): Edit {
    // What came and went within the edit never was.
    const stayed = [...this.#created.values()].filter(({ map, id }) => isLive(this.raw(map, id)));
    const created = stayed.map(
      ({ map, id }): Change => ({ map, id, key: null, before: null, after: this.raw(map, id) }),
    );
    const written = [...this.#before.values()].sort(
      (left, right) =>
        ROOTS.indexOf(left.map) - ROOTS.indexOf(right.map) ||
        compareText(left.id, right.id) ||
        compareText(left.key, right.key),
    );
    const changed = written
      .map(({ map, id, key, before }): Change => {
        const record = map === "meta" ? this.#now.meta : this.raw(map, id);
        return { map, id, key, before, after: record[key] ?? null };
      })
      .filter(({ before, after }) => !sameJson(before, after));
    return {
      changes: [...created, ...changed],
      clamped: [...this.#clamped],
      created: Object.fromEntries(this.names),
    };
  }

  #index(root: RecordRoot, key: string): Map<string, Set<string>> {
    const path = pathOf(root, key);
    const known = this.#indexes.get(path);
    if (known !== undefined) return known;
    this.#indexes.set(path, new Map());
    for (const [id, record] of this.#now[root]) this.#indexed(root, id, key, record[key] ?? null);
    return this.#indexes.get(path) ?? new Map();
  }

  #indexed(root: RecordRoot, id: string, key: string, value: Json): void {
    const index = this.#indexes.get(pathOf(root, key));
    if (index === undefined || typeof value !== "string") return;
    index.set(value, (index.get(value) ?? new Set()).add(id));
  }

  #remember(path: KeyPath, before: Json): void {
    const key = pathOf(path.map, path.id, path.key);
    if (!this.#before.has(key)) this.#before.set(key, { ...path, before });
  }

  #note(root: RecordRoot, id: string, key: string, before: Json, after: Json): void {
    if (root === "tracks" || root === "sequences") this.seen.forgetAll();
    else if (root === "clips" && key === "track") {
      this.seen.moved(id, textOf(before), textOf(after));
    } else if (root === "clips" && LAYOUT_KEYS.has(key)) {
      this.seen.forget(textOf(this.raw("clips", id)["track"]));
    }
  }

  #removeSeparated(): void {
    const touched = new Set<Json | undefined>();
    for (const { map, id, key } of this.#before.values()) {
      if (map === "clips" && LAYOUT_KEYS.has(key)) touched.add(id);
    }
    if (touched.size === 0) return;
    const before = new Seen(this.base, this.assets);
    for (const [id, base] of this.base.transitions) {
      const now = this.raw("transitions", id);
      const isTouched = touched.has(base["left"]) || touched.has(base["right"]);
      if (isLive(now) && isTouched && this.#separated(base, now, before)) {
        this.remove("transitions", id);
      }
    }
  }

  #separated(base: DocRecord, now: DocRecord, before: Seen): boolean {
    const { clips } = this.#now;
    const [left, right] = [textOf(now["left"]), textOf(now["right"])];
    if ([left, right].some((side) => side !== "" && !isLive(clips.get(side)))) return true;
    const [wasLeft, wasRight] = [textOf(base["left"]), textOf(base["right"])];
    if ([left, right, wasLeft, wasRight].includes("")) return false;
    return (
      adjacent(before, this.base.clips, wasLeft, wasRight) &&
      !adjacent(this.seen, clips, left, right)
    );
  }
}

/** Whether a visible piece of `left` ends where one of `right` begins, on one track [timeline-R8]. */
const adjacent = (seen: Seen, clips: Records, left: string, right: string): boolean => {
  const [one, other] = [clips.get(left), clips.get(right)];
  if (!isLive(one) || !isLive(other)) return false;
  const lane = seen.lane(textOf(one["track"]));
  if (lane === null || other["track"] !== lane.track) return false;
  const ends = new Set(lane.piecesOf(left).map(({ end }) => end));
  return lane.piecesOf(right).some(({ start }) => ends.has(start));
};

export interface Membership {
  readonly linked: boolean;
  readonly grouped?: boolean;
}

/**
 * The clip, then the rest of its link set (and group) by (track, start, id) [timeline-E6].
 *
 * Only clips on live tracks of the clip's own sequence count.
 * @throws EditRefused `track_locked` where one of them stands on a locked track [timeline-E4]
 */
export const members = (
  draft: Draft,
  clip: string,
  { linked, grouped = false }: Membership,
): readonly string[] => {
  const found = linked ? [clip, ...companions(draft, clip, grouped)] : [clip];
  for (const name of found) draft.unlocked(draft.laneOf(name).track);
  return found;
};

const companions = (draft: Draft, clip: string, grouped: boolean): readonly string[] => {
  const others = new Set(setOf(draft, clip, "link"));
  // Whatever is grouped comes with the picture or sound that it is linked to.
  for (const name of grouped ? setOf(draft, clip, "group") : []) {
    for (const one of [name, ...setOf(draft, name, "link")]) others.add(one);
  }
  others.delete(clip);
  const { sequence } = draft.laneOf(clip);
  return [...others]
    .filter((name) => {
      const lane = draft.seen.lane(textOf(draft.raw("clips", name)["track"]));
      return lane !== null && lane.sequence === sequence;
    })
    .map((name) => standing(draft, name))
    .sort(compareStanding)
    .map(({ id }) => id);
};

/** The live clips with the same link or group value; empty where the clip has none. */
const setOf = (draft: Draft, clip: string, key: "link" | "group"): readonly string[] => {
  const value = textOf(draft.record("clips", clip)[key]);
  return value === "" ? [] : draft.ownedBy("clips", key, value);
};

export interface Standing {
  readonly order: string;
  readonly track: string;
  readonly start: number;
  readonly id: string;
}

/** Sorts clips bottom to top, then in time. */
export const compareStanding = (left: Standing, right: Standing): number =>
  compareText(left.order, right.order) ||
  compareText(left.track, right.track) ||
  left.start - right.start ||
  compareText(left.id, right.id);

const standing = (draft: Draft, clip: string): Standing => {
  const { order, track, kind } = draft.laneOf(clip);
  return { order, track, start: draft.seen.placement(clip, kind)?.start ?? 0, id: clip };
};
