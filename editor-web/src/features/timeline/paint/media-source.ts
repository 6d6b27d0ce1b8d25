/** Thumbnails and peaks as the painters need them: at once, or not yet. */
import { type Peaks, parsePeaks } from "../model/peaks";

export type Thumbnail = {
  readonly sheet: CanvasImageSource;
  readonly x: number;
  readonly width: number;
  readonly height: number;
};

export type MediaSource = {
  /** Width over height of an asset's picture. */
  readonly aspect: (asset: string) => number;
  /** The thumbnail of a source second; null until it is here. */
  readonly thumbnail: (asset: string, second: number) => Thumbnail | null;
  readonly peaks: (asset: string) => Peaks | null;
};

export type AssetPictures = {
  readonly aspect: number;
  readonly seconds: number | null;
  readonly still: boolean;
  /** Whether the server has made them; before, asking would fail. */
  readonly hasThumbnails: boolean;
  readonly hasPeaks: boolean;
};

export const THUMBNAILS_PER_SHEET = 25; // the server's limit for one request
const THUMBNAIL_WIDTH = 160;
const REQUESTS_AT_ONCE = 4;
const RETRY_AFTER_MS = 5_000;

type Sheet = { image: ImageBitmap | null; failedAt: number | null };
type Sound = { peaks: Peaks | null; failedAt: number | null };

export type MediaFetcher = (path: string) => Promise<Response>;

/** Fetches sheets and peaks when a painter first asks for them, and calls `changed` when they come. */
export class MediaStore implements MediaSource {
  readonly #sheets = new Map<string, Sheet>();
  readonly #sounds = new Map<string, Sound>();
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #facts: (asset: string) => AssetPictures | null;
  readonly #fetch: MediaFetcher;
  readonly #changed: () => void;
  #running = 0;

  constructor(options: {
    readonly facts: (asset: string) => AssetPictures | null;
    readonly fetch: MediaFetcher;
    readonly changed: () => void;
  }) {
    this.#facts = options.facts;
    this.#fetch = options.fetch;
    this.#changed = options.changed;
  }

  aspect(asset: string): number {
    return this.#facts(asset)?.aspect ?? 16 / 9;
  }

  thumbnail(asset: string, second: number): Thumbnail | null {
    const facts = this.#facts(asset);
    if (!facts?.hasThumbnails) return null;
    const last = facts.still ? 0 : Math.max(0, Math.ceil(facts.seconds ?? 1) - 1);
    const number = Math.min(last, Math.max(0, Math.floor(second)));
    const first = Math.floor(number / THUMBNAILS_PER_SHEET) * THUMBNAILS_PER_SHEET;
    const count = Math.min(THUMBNAILS_PER_SHEET, last - first + 1);
    const sheet = this.#sheet(asset, first, count);
    if (!sheet.image) return null;
    const width = Math.min(THUMBNAIL_WIDTH, sheet.image.width / count);
    return {
      sheet: sheet.image,
      x: (number - first) * width,
      width,
      height: sheet.image.height,
    };
  }

  peaks(asset: string): Peaks | null {
    if (!this.#facts(asset)?.hasPeaks) return null;
    const known = this.#sounds.get(asset);
    if (known && !due(known.failedAt)) return known.peaks;
    const sound: Sound = { peaks: null, failedAt: null };
    this.#sounds.set(asset, sound);
    this.#enqueue(async () => {
      const response = await this.#fetch(`/api/v1/assets/${asset}/peaks`);
      sound.peaks = response.ok ? parsePeaks(await response.arrayBuffer()) : null;
      if (!sound.peaks) sound.failedAt = this.#failed();
    });
    return null;
  }

  #sheet(asset: string, first: number, count: number): Sheet {
    const key = `${asset}/${first}/${count}`;
    const known = this.#sheets.get(key);
    if (known && !due(known.failedAt)) return known;
    const sheet: Sheet = { image: null, failedAt: null };
    this.#sheets.set(key, sheet);
    this.#enqueue(async () => {
      const path = `/api/v1/assets/${asset}/thumbnails/${first}?count=${count}`;
      const response = await this.#fetch(path);
      sheet.image = response.ok ? await createImageBitmap(await response.blob()) : null;
      if (!sheet.image) sheet.failedAt = this.#failed();
    });
    return sheet;
  }

  /** Asks for another paint once it is due again: what is still being made comes without a click. */
  #failed(): number {
    setTimeout(this.#changed, RETRY_AFTER_MS + 50);
    return performance.now();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#waiting.push(work);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < REQUESTS_AT_ONCE) {
      const work = this.#waiting.shift();
      if (!work) return;
      this.#running += 1;
      // A picture that does not come leaves the clip's own colour; the next paint asks again.
      void work()
        .catch(() => undefined)
        .finally(() => {
          this.#running -= 1;
          this.#changed();
          this.#pump();
        });
    }
  }
}

const due = (failedAt: number | null): boolean =>
  failedAt !== null && performance.now() - failedAt > RETRY_AFTER_MS;
