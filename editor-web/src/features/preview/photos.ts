/** Still pictures and drawn texts, fetched as the signed-in person. */

/** Throws where there is no such picture, or none that the browser can show. */
export const loadPhoto = async (url: string): Promise<ImageBitmap> => {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return createImageBitmap(await answer.blob());
};

/** Photos by address, least recently shown ones dropped; those that failed are tried again later. */
export class PhotoShelf {
  readonly #photos = new Map<string, ImageBitmap>();
  readonly #loading = new Map<string, Promise<ImageBitmap | null>>();
  readonly #failedAt = new Map<string, number>();
  #disposed = false;

  readonly #onArrival: () => void;

  constructor(onArrival: () => void) {
    this.#onArrival = onArrival;
  }

  failed(url: string): boolean {
    const at = this.#failedAt.get(url);
    return at !== undefined && performance.now() - at < RETRY_MS;
  }

  /** The photo if it is here; else it is on its way. */
  at(url: string): ImageBitmap | null {
    const known = this.#photos.get(url);
    if (!known) {
      void this.load(url);
      return null;
    }
    this.#photos.delete(url);
    this.#photos.set(url, known);
    return known;
  }

  /** The photo, or null where it cannot be shown. */
  load(url: string): Promise<ImageBitmap | null> {
    const known = this.#photos.get(url);
    if (known) return Promise.resolve(known);
    const running = this.#loading.get(url) ?? this.#fetch(url);
    this.#loading.set(url, running);
    return running;
  }

  dispose(): void {
    this.#disposed = true;
    for (const photo of this.#photos.values()) photo.close();
    this.#photos.clear();
  }

  async #fetch(url: string): Promise<ImageBitmap | null> {
    try {
      const photo = await loadPhoto(url);
      if (this.#disposed) photo.close();
      else this.#keep(url, photo);
      return photo;
    } catch {
      this.#failedAt.set(url, performance.now()); // the slate says so
      return null;
    } finally {
      this.#loading.delete(url);
      if (!this.#disposed) this.#onArrival();
    }
  }

  #keep(url: string, photo: ImageBitmap): void {
    this.#photos.set(url, photo);
    const oldest = this.#photos.keys().next().value;
    if (this.#photos.size <= PHOTOS_MAX || oldest === undefined) return;
    this.#photos.get(oldest)?.close();
    this.#photos.delete(oldest);
  }
}

const PHOTOS_MAX = 64; // up to 1920 pixels a side each
const RETRY_MS = 5_000;
