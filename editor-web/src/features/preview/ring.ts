/** Decoded pictures of one stream in display order, a few ahead of what is shown; owns them. */

interface Closable {
  close(): void;
}

/** How far ahead of the ring a wish may lie before a new stream is cheaper than waiting. */
const REACH_PICTURES = 24;

export class Ring<Picture extends Closable> {
  readonly #frames: { readonly picture: number; readonly frame: Picture }[] = [];
  readonly #first: number;
  readonly #onTaken: () => void;
  #wanted: number;
  #ended = false;

  /** `onTaken` is called for each picture that has left the ring: there is room for another. */
  constructor(first: number, onTaken: () => void) {
    this.#first = first;
    this.#wanted = first;
    this.#onTaken = onTaken;
  }

  get size(): number {
    return this.#frames.length;
  }

  push(picture: number, frame: Picture): void {
    this.#frames.push({ picture, frame });
    this.#drop();
  }

  /** No more pictures will come. */
  end(): void {
    this.#ended = true;
  }

  /**
   * The picture shown at number `picture`, still owned by the ring, and whether it is that one or
   * an older one; null while none is decoded. Pictures before it leave the ring.
   */
  at(picture: number): { readonly frame: Picture; readonly exact: boolean } | null {
    this.#wanted = picture;
    this.#drop();
    const [head, next] = this.#frames;
    if (!head || head.picture > picture) return null;
    const isLast = next === undefined && this.#ended;
    const exact = head.picture === picture || isLast || (next?.picture ?? 0) > picture;
    return { frame: head.frame, exact };
  }

  /** Whether this stream can still give `picture`. */
  covers(picture: number): boolean {
    const head = this.#frames[0]?.picture ?? this.#wanted;
    const tail = this.#frames.at(-1)?.picture ?? this.#wanted;
    if (picture < Math.max(this.#first, head)) return false;
    return this.#ended || picture <= tail + REACH_PICTURES;
  }

  clear(): void {
    for (const { frame } of this.#frames.splice(0)) frame.close();
  }

  #drop(): void {
    while (this.#frames.length > 1 && (this.#frames[1]?.picture ?? 0) <= this.#wanted) {
      this.#frames.shift()?.frame.close();
      this.#onTaken();
    }
  }
}
