/**
 * The shared document: one Y.Doc, read record by record as it changes, written by `Change`s.
 *
 * Records are plain frozen-by-habit values that stay the same object until they change, so they can
 * be snapshots of `useSyncExternalStore`. What events name is read again; a root map never is, as a
 * whole. Over the Yjs state lies an overlay: what commands on their way will do, drawn at once.
 */
import * as Y from "yjs";
import {
  applied,
  type Change,
  type DocRecord,
  EMPTY_DOCUMENT,
  type Json,
  mapRoots,
  RECORD_ROOTS,
  type RecordRoot,
  type Records,
  sameJson,
  type TimelineDocument,
} from "@/timeline-core/model";

/** What a transaction touched, and whether it was made here. */
export interface Touched {
  readonly meta: boolean;
  readonly ids: Readonly<Record<RecordRoot, ReadonlySet<string>>>;
  readonly local: boolean;
  readonly origin: unknown;
}

type Listener = () => void;
type MutableTouched = { meta: boolean; ids: Record<RecordRoot, Set<string>> };

const NOTHING: readonly Change[] = [];

const plainRecord = (value: unknown): DocRecord | undefined =>
  value instanceof Y.Map ? (Object.fromEntries(value.entries()) as DocRecord) : undefined;

const nothingTouched = (): MutableTouched => ({
  meta: false,
  ids: mapRoots(() => new Set<string>()),
});

export class SharedDocument {
  readonly doc: Y.Doc;
  #stored: TimelineDocument = EMPTY_DOCUMENT;
  #overlay: readonly Change[] = NOTHING;
  #view: TimelineDocument | undefined;
  readonly #ids = new Map<RecordRoot, { readonly of: Records; readonly ids: readonly string[] }>();
  readonly #recordListeners = new Map<string, Set<Listener>>();
  readonly #rootListeners = new Map<RecordRoot | "meta", Set<Listener>>();
  readonly #listeners = new Set<(touched: Touched) => void>();
  readonly #unobserve: (() => void)[] = [];

  constructor(doc: Y.Doc) {
    this.doc = doc;
    const touched = nothingTouched();
    for (const root of RECORD_ROOTS)
      for (const id of doc.getMap(root).keys()) touched.ids[root].add(id);
    touched.meta = true;
    this.#read(touched);
    this.#observe();
  }

  /** The document as people here see it; the same object until something changes. */
  snapshot = (): TimelineDocument => {
    this.#view ??= this.#overlay.length === 0 ? this.#stored : applied(this.#stored, this.#overlay);
    return this.#view;
  };

  /** The document without what is still on its way; commands are computed on `snapshot`. */
  stored = (): TimelineDocument => this.#stored;

  record(root: RecordRoot, id: string): DocRecord | undefined {
    return this.snapshot()[root].get(id);
  }

  /** Ids of a root map, removed records included; the same array until one comes. */
  ids(root: RecordRoot): readonly string[] {
    const records = this.snapshot()[root];
    const known = this.#ids.get(root);
    if (known?.of === records) return known.ids;
    const isSame = known?.ids.length === records.size && known.ids.every((id) => records.has(id));
    const ids = known !== undefined && isSame ? known.ids : [...records.keys()];
    this.#ids.set(root, { of: records, ids });
    return ids;
  }

  subscribeRecord(root: RecordRoot, id: string, listener: Listener): () => void {
    return subscribed(this.#recordListeners, `${root}/${id}`, listener);
  }

  /** Tells of any change in a root map. */
  subscribeRoot(root: RecordRoot | "meta", listener: Listener): () => void {
    return subscribed(this.#rootListeners, root, listener);
  }

  /** Tells of every change, once a transaction, with what it touched. */
  subscribe(listener: (touched: Touched) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes changes in one transaction; only keys whose value differs [timeline-W1, W2]. */
  apply(changes: readonly Change[], origin: unknown): void {
    this.doc.transact(() => {
      for (const change of changes) this.#write(change);
    }, origin);
  }

  /** Replaces what lies over the stored state; the empty list takes it away. */
  setOverlay(changes: readonly Change[]): void {
    const touched = nothingTouched();
    for (const change of [...this.#overlay, ...changes]) {
      if (change.map === "meta") touched.meta = true;
      else touched.ids[change.map].add(change.id);
    }
    this.#overlay = changes;
    this.#tell(touched, true, this);
  }

  destroy(): void {
    for (const stop of this.#unobserve) stop();
    this.#unobserve.length = 0;
  }

  #write({ map, id, key, after }: Change): void {
    if (map === "meta") {
      if (key !== null) writeKey(this.doc.getMap("meta"), key, after);
      return;
    }
    const root = this.doc.getMap(map);
    const record = root.get(id);
    if (record instanceof Y.Map) {
      // A record is never set as a whole where one is: that would wipe concurrent edits.
      const entries = key === null ? Object.entries(after as DocRecord) : [[key, after] as const];
      for (const [name, value] of entries) writeKey(record, name, value);
    } else if (key === null) {
      root.set(id, new Y.Map(Object.entries(after as DocRecord)));
    }
  }

  #observe(): void {
    const seen: { touched: MutableTouched | undefined } = { touched: undefined };
    const current = (): MutableTouched => {
      seen.touched ??= nothingTouched();
      return seen.touched;
    };
    const meta = this.doc.getMap("meta");
    const onMeta = (): void => {
      current().meta = true;
    };
    meta.observe(onMeta);
    this.#unobserve.push(() => meta.unobserve(onMeta));
    for (const root of RECORD_ROOTS) {
      const map = this.doc.getMap(root);
      const onRecords = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
        const ids = current().ids[root];
        for (const event of events) {
          const [first] = event.path;
          if (first !== undefined) ids.add(String(first));
          else for (const id of event.changes.keys.keys()) ids.add(id);
        }
      };
      map.observeDeep(onRecords as never);
      this.#unobserve.push(() => map.unobserveDeep(onRecords as never));
    }
    const onTransaction = (transaction: Y.Transaction): void => {
      const { touched } = seen;
      if (touched === undefined) return;
      seen.touched = undefined;
      this.#read(touched);
      this.#tell(touched, transaction.local, transaction.origin);
    };
    this.doc.on("afterTransaction", onTransaction);
    this.#unobserve.push(() => this.doc.off("afterTransaction", onTransaction));
  }

  #read(touched: MutableTouched): void {
    const roots = RECORD_ROOTS.filter((root) => touched.ids[root].size > 0);
    const read = Object.fromEntries(roots.map((root) => [root, this.#readRoot(root, touched)]));
    const meta = touched.meta
      ? { meta: Object.fromEntries(this.doc.getMap("meta").entries()) as DocRecord }
      : {};
    this.#stored = { ...this.#stored, ...meta, ...read };
  }

  #readRoot(root: RecordRoot, touched: MutableTouched): Records {
    const records = new Map(this.#stored[root]);
    const map = this.doc.getMap(root);
    for (const id of touched.ids[root]) {
      const record = plainRecord(map.get(id));
      if (record === undefined) records.delete(id);
      else records.set(id, record);
    }
    return records;
  }

  #tell(touched: MutableTouched, local: boolean, origin: unknown): void {
    this.#view = undefined;
    for (const root of RECORD_ROOTS) {
      if (touched.ids[root].size === 0) continue;
      for (const id of touched.ids[root]) call(this.#recordListeners.get(`${root}/${id}`));
      call(this.#rootListeners.get(root));
    }
    if (touched.meta) call(this.#rootListeners.get("meta"));
    for (const listener of [...this.#listeners]) listener({ ...touched, local, origin });
  }
}

const writeKey = (map: Y.Map<unknown>, key: string, value: Json): void => {
  const before = map.get(key) as Json | undefined;
  // null and missing mean the same, so nothing is written to say so again
  if (before === undefined ? value !== null : !sameJson(before, value)) map.set(key, value);
};

const call = (listeners: ReadonlySet<Listener> | undefined): void => {
  if (listeners !== undefined) for (const listener of [...listeners]) listener();
};

const subscribed = <K>(
  listeners: Map<K, Set<Listener>>,
  key: K,
  listener: Listener,
): (() => void) => {
  const set = listeners.get(key) ?? new Set();
  listeners.set(key, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(key);
  };
};
