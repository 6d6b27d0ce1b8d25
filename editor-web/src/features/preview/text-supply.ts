/** Bitmaps of titles and captions: drawn by the server once, placed by preview and export alike. */
import type { Layer } from "@/timeline-core/resolved";
import { type TextSpec, textSpec, textSpecKey } from "@/timeline-core/text-spec";
import type { TextPicture } from "./compositor";
import { loadPhoto } from "./picture-supply";
import type { Size } from "./placement";

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

export type DrawTexts = (specs: readonly TextSpec[]) => Promise<readonly DrawnText[]>;

const GATHER_MS = 150; // after the last key, so typing does not ask for every letter
const TEXTS_PER_CALL_MAX = 100; // the server's limit
const KEPT_MAX = 200;

export class TextSupply {
  readonly #ready = new Map<string, TextPicture>();
  readonly #waiting = new Map<string, TextSpec>();
  /** What a clip showed last, so a title under edit does not blink. */
  readonly #latest = new Map<string, TextPicture>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Texts that the last draw had to do without. */
  missing = 0;

  readonly #drawTexts: DrawTexts;
  readonly #onArrival: () => void;

  constructor(drawTexts: DrawTexts, onArrival: () => void) {
    this.#drawTexts = drawTexts;
    this.#onArrival = onArrival;
  }

  at = (layer: Layer, sequence: Size): TextPicture | null => {
    const spec = textSpec(layer, sequence);
    if (spec === null) return null;
    const key = textSpecKey(spec);
    const name = `${layer.clip}/${layer.cue ?? ""}`;
    const known = this.#ready.get(key);
    if (known) {
      this.#latest.set(name, known);
      return known;
    }
    this.missing += 1;
    this.#ask(key, spec);
    return this.#latest.get(name) ?? null;
  };

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    if (this.#waiting.size > 0) await this.#flush();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #ask(key: string, spec: TextSpec): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, spec);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#flush(), GATHER_MS);
  }

  async #flush(): Promise<void> {
    const batch = [...this.#waiting].slice(0, TEXTS_PER_CALL_MAX);
    try {
      const drawn = await this.#drawTexts(batch.map(([, spec]) => spec));
      await Promise.all(batch.map(([key], index) => this.#keep(key, drawn[index])));
    } catch {
      // Offline: what is shown stays, and the next change of the text asks again.
    }
    for (const [key] of batch) this.#waiting.delete(key);
    this.#onArrival();
  }

  async #keep(key: string, drawn: DrawnText | undefined): Promise<void> {
    if (!drawn) return;
    const image = await loadPhoto(drawn.url);
    const scale = drawn.raster_scale;
    this.#ready.set(key, {
      image,
      box: { width: drawn.box_width / scale, height: drawn.box_height / scale },
      x: drawn.x / scale,
      y: drawn.y / scale,
      width: drawn.width / scale,
      height: drawn.height / scale,
    });
    const oldest = this.#ready.keys().next().value;
    if (this.#ready.size > KEPT_MAX && oldest !== undefined) this.#ready.delete(oldest);
  }
}
