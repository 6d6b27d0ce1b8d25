/** Single pictures for standing, scrubbing and playing backwards; owns and closes them. */
import type { MediaAddress } from "./decode-protocol";

/** What is kept of a decoded picture. */
export interface Still {
  readonly displayWidth: number;
  readonly displayHeight: number;
  close(): void;
}

/** The part of the decoder that gives single pictures. */
export interface StillSource<Frame> {
  /** Why a file cannot be read just now; it may be later. */
  failure(url: string): string | undefined;
  stills(
    media: MediaAddress,
    picture: number,
    count: number,
    onFrame: (picture: number, frame: Frame) => void,
  ): Promise<void>;
}

interface Wish {
  readonly media: MediaAddress;
  readonly picture: number;
  readonly count: number;
}

const STILLS_MAX = 64; // uncompressed: 50 MB at 540 lines
const RUN_PICTURES = 15; // one group of pictures of a proxy: decoded together, backwards

export class StillCache<Frame extends Still = VideoFrame> {
  readonly #stills = new Map<string, Frame>();
  /** For each place on screen what is being decoded; only the newest further wish is remembered. */
  readonly #running = new Map<string, { next: Wish | null }>();
  readonly #hopeless = new Set<string>();
  #disposed = false;

  readonly #source: StillSource<Frame>;
  readonly #onArrival: () => void;

  constructor(source: StillSource<Frame>, onArrival: () => void) {
    this.#source = source;
    this.#onArrival = onArrival;
  }

  get size(): number {
    return this.#stills.size;
  }

  known(media: MediaAddress, picture: number): Frame | null {
    return this.#stills.get(keyOf(media, picture)) ?? null;
  }

  /** The picture at place `path`, still owned by the cache; where it is not here, it is asked for. */
  at(path: string, media: MediaAddress, picture: number, backwards: boolean): Frame | null {
    const key = keyOf(media, picture);
    const known = this.#stills.get(key);
    if (known) {
      this.#stills.delete(key);
      this.#stills.set(key, known);
    }
    if (backwards) this.#askBackwards(path, media, picture);
    else if (!known && !this.#hopeless.has(key)) this.#ask(path, { media, picture, count: 1 });
    return known ?? null;
  }

  dispose(): void {
    this.#disposed = true;
    for (const frame of this.#stills.values()) frame.close();
    this.#stills.clear();
  }

  /** Keeps half a run ahead of a playhead that goes backwards. */
  #askBackwards(path: string, media: MediaAddress, picture: number): void {
    const ahead = Math.max(0, picture - Math.floor(RUN_PICTURES / 2));
    const isHere = this.#stills.has(keyOf(media, picture));
    if (isHere && this.#stills.has(keyOf(media, ahead))) return;
    const last = isHere ? ahead : picture;
    const first = Math.max(0, last - RUN_PICTURES + 1);
    this.#ask(path, { media, picture: first, count: last - first + 1 });
  }

  #ask(path: string, wish: Wish): void {
    const running = this.#running.get(path);
    if (running) running.next = wish;
    else void this.#run(path, wish);
  }

  async #run(path: string, wish: Wish): Promise<void> {
    const slot: { next: Wish | null } = { next: null };
    this.#running.set(path, slot);
    let came = 0;
    await this.#source.stills(wish.media, wish.picture, wish.count, (picture, frame) => {
      came += 1;
      this.#keep(keyOf(wish.media, picture), frame);
    });
    this.#running.delete(path);
    if (this.#disposed) return;
    if (came === 0 && this.#source.failure(wish.media.url) === undefined)
      this.#hopeless.add(keyOf(wish.media, wish.picture));
    const { next } = slot;
    if (next && !this.#stills.has(keyOf(next.media, next.picture))) void this.#run(path, next);
    this.#onArrival();
  }

  #keep(key: string, frame: Frame): void {
    if (this.#disposed) {
      frame.close();
      return;
    }
    this.#stills.get(key)?.close();
    this.#stills.set(key, frame);
    const oldest = this.#stills.keys().next().value;
    if (this.#stills.size <= STILLS_MAX || oldest === undefined) return;
    this.#stills.get(oldest)?.close();
    this.#stills.delete(oldest);
  }
}

const keyOf = (media: MediaAddress, picture: number): string => `${media.url}#${picture}`;
