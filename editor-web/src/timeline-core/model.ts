/**
 * The document: nine root maps of flat records, exactly as the CRDT holds them.
 *
 * Records stay plain JSON, because a document always merges and may hold anything; `schema.ts` says
 * what each key means and `resolve.ts` turns any of it into a valid timeline. Nothing here is ever
 * changed in place: an edit answers with `Change`s, `applied` makes a new document of them.
 */

export type Json = boolean | number | string | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** One record: property -> raw value, never trusted. */
export type DocRecord = JsonObject;
export type Records = ReadonlyMap<string, DocRecord>;

export const RECORD_ROOTS = [
  "sequences",
  "tracks",
  "clips",
  "transitions",
  "effects",
  "markers",
  "cues",
  "variables",
] as const;
export const ROOTS = ["meta", ...RECORD_ROOTS] as const;

export type RecordRoot = (typeof RECORD_ROOTS)[number];
export type Root = (typeof ROOTS)[number];

/** Gives a fresh record id of >= 80 random bits; passed in, because the core knows no chance. */
export type NewId = () => string;

/** One project's document; `meta` holds values directly. Ids may be any word, hence maps. */
export interface TimelineDocument extends Readonly<Record<RecordRoot, Records>> {
  readonly meta: DocRecord;
}

/**
 * One written key, before and after. For `meta`, `id` is "" and `key` the property. A created
 * record has key null, before null and after = the whole record. Undo of a creation is
 * `removed: true` [timeline-U2].
 */
export interface Change {
  readonly map: Root;
  readonly id: string;
  readonly key: string | null;
  readonly before: Json;
  readonly after: Json;
}

/** What an edit answers: changes to write, in order, and the clips that were clamped. */
export interface Edit {
  readonly changes: readonly Change[];
  readonly clamped: readonly string[];
  /** Names of created records for the caller, e.g. `{right: id}` of a split. */
  readonly created: Readonly<Record<string, string>>;
}

const NO_RECORDS: Records = new Map();

export const EMPTY_DOCUMENT: TimelineDocument = {
  meta: {},
  sequences: NO_RECORDS,
  tracks: NO_RECORDS,
  clips: NO_RECORDS,
  transitions: NO_RECORDS,
  effects: NO_RECORDS,
  markers: NO_RECORDS,
  cues: NO_RECORDS,
  variables: NO_RECORDS,
};

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const recordMap = (value: Json | undefined): Records =>
  isObject(value)
    ? new Map(
        Object.entries(value).filter((entry): entry is [string, DocRecord] => isObject(entry[1])),
      )
    : NO_RECORDS;

/** A document of the nine root maps in `value`; roots that are no objects count as empty. */
export const documentFromJson = (value: JsonObject): TimelineDocument => ({
  meta: isObject(value["meta"]) ? value["meta"] : {},
  ...mapRoots((root) => recordMap(value[root])),
});

/** The nine root maps as plain JSON. */
export const documentJson = (document: TimelineDocument): JsonObject => ({
  meta: document.meta,
  ...Object.fromEntries(RECORD_ROOTS.map((root) => [root, Object.fromEntries(document[root])])),
});

/** One value for each record root. */
export const mapRoots = <T>(made: (root: RecordRoot) => T): Record<RecordRoot, T> =>
  Object.fromEntries(RECORD_ROOTS.map((root) => [root, made(root)])) as Record<RecordRoot, T>;

/** The document after `changes`, written in order; key null creates (or replaces) a record. */
export const applied = (
  document: TimelineDocument,
  changes: Iterable<Change>,
): TimelineDocument => {
  let meta = document.meta;
  const written = new Map<RecordRoot, Map<string, DocRecord>>();
  for (const change of changes) {
    if (change.map === "meta") {
      if (change.key !== null) meta = { ...meta, [change.key]: change.after };
      continue;
    }
    const records = written.get(change.map) ?? new Map(document[change.map]);
    written.set(change.map, records);
    records.set(change.id, recordAfter(records.get(change.id), change));
  }
  return { ...document, meta, ...Object.fromEntries(written) };
};

// A computed key defines an own property, so even `__proto__` stays plain data.
const recordAfter = (record: DocRecord | undefined, { key, after }: Change): DocRecord => {
  if (key === null) return isObject(after) ? after : {};
  return { ...record, [key]: after };
};

/** Deep equality of JSON values; 1 and 1.0 are the same number, true and 1 are not. */
export const sameJson = (left: Json | undefined, right: Json | undefined): boolean => {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => sameJson(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
};
