/**
 * Which edits the server has not yet made durable.
 *
 * An ack is a state vector. What of *all* clients in our document lies beyond it is unsaved: own
 * gestures, and edits of an earlier visit that were only in this browser's copy. What the server
 * sent us is durable without an ack: nobody sees an edit before it is.
 */
import * as Y from "yjs";

type Vector = ReadonlyMap<number, number>;

interface Gesture {
  readonly client: number;
  readonly clock: number;
  readonly at: number;
}

export class Unsaved {
  readonly #doc: Y.Doc;
  readonly #isFromServer: (origin: unknown) => boolean;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #durable = new Map<number, number>();
  #gestures: readonly Gesture[] = [];
  #firstAck = false;
  savedAt: number | null = null;

  constructor(
    doc: Y.Doc,
    isFromServer: (origin: unknown) => boolean,
    now: () => number = Date.now,
  ) {
    this.#doc = doc;
    this.#isFromServer = isFromServer;
    this.#now = now;
    doc.on("afterTransaction", this.#onTransaction);
  }

  /** Gestures of this visit, and one more for each earlier visit with something left. */
  get edits(): number {
    return this.#gestures.length + this.#earlier().length;
  }

  /** When the oldest unsaved edit was made; edits of earlier visits count from the first ack. */
  get oldestAt(): number | null {
    const [oldest] = this.#gestures;
    if (oldest !== undefined) return oldest.at;
    return this.#earlier().length > 0 ? 0 : null;
  }

  acked(vector: Vector, at: number): void {
    this.#firstAck = true;
    for (const [client, clock] of vector) this.#lift(client, clock);
    const before = this.#gestures.length;
    this.#gestures = this.#gestures.filter(
      ({ client, clock }) => (this.#durable.get(client) ?? 0) < clock,
    );
    if (before > 0 && this.#gestures.length === 0) this.savedAt = at;
    this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  destroy(): void {
    this.#doc.off("afterTransaction", this.#onTransaction);
  }

  /** Clients other than ours with something beyond the ack; unknowable before the first one. */
  #earlier(): readonly number[] {
    if (!this.#firstAck) return [];
    const own = this.#doc.clientID;
    return [...Y.decodeStateVector(Y.encodeStateVector(this.#doc))]
      .filter(([client, clock]) => client !== own && (this.#durable.get(client) ?? 0) < clock)
      .map(([client]) => client);
  }

  #lift(client: number, clock: number): void {
    if ((this.#durable.get(client) ?? 0) < clock) this.#durable.set(client, clock);
  }

  #onTransaction = (transaction: Y.Transaction): void => {
    if (this.#isFromServer(transaction.origin)) {
      for (const [client, clock] of transaction.afterState) {
        if ((transaction.beforeState.get(client) ?? 0) < clock) this.#lift(client, clock);
      }
      return;
    }
    const client = this.#doc.clientID;
    const clock = transaction.afterState.get(client) ?? 0;
    if (!transaction.local || clock === (transaction.beforeState.get(client) ?? 0)) return;
    this.#gestures = [...this.#gestures, { client, clock, at: this.#now() }];
    this.#tell();
  };

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
