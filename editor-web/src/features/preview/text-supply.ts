/** Bitmaps of titles, captions and slates: drawn by the server once, placed by preview and film alike. */
import { type CanvasSize, type TextSpec, textSpecKey } from "@/timeline-core/text-spec";
import type { Picture } from "./compositor";
import { specOf, type WantedText } from "./drawn-text";
import { loadPhoto } from "./photos";

/** The server's answer for one spec; lengths are pixels of the bitmap. */
export interface DrawnText {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly box_width: number;
  readonly box_height: number;
  readonly raster_scale: number;
}

/** What the server is asked for. */
export interface TextService {
  /** The hashes of all fonts that texts are drawn with. */
  readonly fonts: () => Promise<readonly string[]>;
  readonly draw: (specs: readonly TextSpec[]) => Promise<readonly DrawnText[]>;
}

interface Ready {
  readonly image: ImageBitmap;
  readonly drawn: DrawnText;
}

const GATHER_MS = 150; // after the last key, so typing does not ask for every letter
const TEXTS_PER_CALL_MAX = 100; // the server's limit
const KEPT_MAX = 200;
const REST_MS = 5_000; // after a refusal: every draw asks, and must not ask in a circle

export class TextSupply {
  readonly #ready = new Map<string, Ready>();
  readonly #waiting = new Map<string, TextSpec>();
  /** What a clip showed last, so a title under edit does not blink. */
  readonly #latest = new Map<string, Picture>();
  #fonts: readonly string[] | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #restsUntil = 0;
  #disposed = false;

  readonly #service: TextService;
  readonly #onArrival: () => void;

  constructor(service: TextService, onArrival: () => void) {
    this.#service = service;
    this.#onArrival = onArrival;
  }

  /**
   * The bitmap of a text, and whether it is the right one: `name` may still show an older one.
   * `sequence` is the one that it stands in.
   */
  at(
    name: string,
    wanted: WantedText,
    sequence: CanvasSize,
    outputHeight: number,
  ): { readonly picture: Picture | null; readonly exact: boolean } {
    const latest = this.#latest.get(name) ?? null;
    if (this.#fonts === null) {
      this.#later(GATHER_MS);
      return { picture: latest, exact: false };
    }
    const spec = specOf(wanted, sequence, outputHeight, this.#fonts);
    const key = textSpecKey(spec);
    const ready = this.#ready.get(key);
    if (!ready) {
      this.#ask(key, spec);
      return { picture: latest, exact: false };
    }
    this.#ready.delete(key);
    this.#ready.set(key, ready);
    const picture = pictureOf(ready, wanted.fontSize);
    this.#latest.set(name, picture);
    return { picture, exact: true };
  }

  /** Asks at once for what is waiting, and waits for it; throws where the server cannot be reached. */
  async settled(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#running) await this.#running;
    if (this.#fonts === null || this.#waiting.size > 0) await this.#fetched();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    for (const { image } of this.#ready.values()) image.close();
    this.#ready.clear();
    this.#latest.clear();
  }

  #ask(key: string, spec: TextSpec): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, spec);
    this.#later(GATHER_MS);
  }

  #later(delay: number): void {
    const rest = this.#restsUntil - performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#flush(), Math.max(delay, rest));
  }

  async #flush(): Promise<void> {
    if (this.#running || this.#disposed) return;
    this.#running = this.#fetched().catch(() => {
      // Offline, or refused: what is shown stays, and after a rest it is asked for again.
      this.#restsUntil = performance.now() + REST_MS;
    });
    await this.#running;
    this.#running = null;
    if (this.#disposed) return;
    if (this.#waiting.size > 0 || this.#fonts === null) this.#later(GATHER_MS);
    this.#onArrival();
  }

  async #fetched(): Promise<void> {
    this.#fonts ??= await this.#service.fonts();
    const batch = [...this.#waiting].slice(0, TEXTS_PER_CALL_MAX);
    if (batch.length === 0) return;
    const drawn = await this.#service.draw(batch.map(([, spec]) => spec));
    await Promise.all(batch.map(([key], index) => this.#keep(key, drawn[index])));
  }

  async #keep(key: string, drawn: DrawnText | undefined): Promise<void> {
    if (!drawn) return;
    const image = await loadPhoto(drawn.url);
    this.#waiting.delete(key);
    if (this.#disposed) image.close();
    else this.#ready.set(key, { image, drawn });
    const oldest = this.#ready.keys().next().value;
    if (this.#ready.size <= KEPT_MAX || oldest === undefined) return;
    // Not closed: a clip may still show it as its latest.
    this.#ready.delete(oldest);
  }
}

const pictureOf = ({ image, drawn }: Ready, fontSize: number): Picture => {
  const scale = drawn.raster_scale;
  return {
    image,
    width: image.width,
    height: image.height,
    subject: {
      width: drawn.width,
      height: drawn.height,
      frame: { width: drawn.box_width / scale, height: drawn.box_height / scale },
      x: drawn.x / scale,
      y: drawn.y / scale,
      pixel: scale,
      isText: true,
      fontSize,
      cropsEven: false,
    },
  };
};
