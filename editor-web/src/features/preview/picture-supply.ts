/** Pictures for the compositor: rings while playing, stills when standing, bitmaps for photos and text. */
import type { Layer } from "@/timeline-core/resolved";
import type { Picture, Pictures, TextPicture } from "./compositor";
import type { MediaAddress } from "./decode-protocol";
import type { Decoder, StreamReader } from "./decoder";
import type { Size } from "./placement";

/** What the preview needs to know of an asset. */
export interface PreviewAsset {
  readonly name: string;
  readonly kind: "video" | "audio" | "image";
  /** Decodable address; null while the server still prepares it. */
  readonly url: string | null;
  readonly num: number;
  readonly den: number;
  readonly width: number;
  readonly height: number;
  readonly state: "pending" | "ready" | "failed" | "missing";
}

export type AssetLookup = (id: string) => PreviewAsset | undefined;
export type TextLookup = (layer: Layer, sequence: Size) => TextPicture | null;

const STILLS_MAX = 96; // decoded stills kept for scrubbing back and forth
const CLOSE_AFTER_DRAWS = 30; // a stream that nobody asked for during so many draws is closed

interface Lane {
  reader: StreamReader;
  readonly url: string;
  last: number;
  idle: number;
}

export class PictureSupply implements Pictures {
  readonly #lanes = new Map<string, Lane>();
  readonly #stills = new Map<string, VideoFrame>();
  readonly #asked = new Set<string>();
  readonly #photos = new Map<string, ImageBitmap | "loading" | "failed">();
  /** Set by the engine before each draw. */
  playing = false;
  /** How many pictures the last draw had to do without. */
  missing = 0;

  readonly #decoder: Decoder;
  readonly #assetOf: AssetLookup;
  readonly #textOf: TextLookup;
  readonly #onArrival: () => void;

  constructor(decoder: Decoder, assetOf: AssetLookup, textOf: TextLookup, onArrival: () => void) {
    this.#decoder = decoder;
    this.#assetOf = assetOf;
    this.#textOf = textOf;
    this.#onArrival = onArrival;
  }

  media = (layer: Layer): Picture | null => {
    const asset = layer.asset === undefined ? undefined : this.#assetOf(layer.asset);
    if (!asset || asset.state === "failed" || asset.state === "missing")
      return slate(asset?.name ?? "", "Media is missing");
    if (asset.url === null) return slate(asset.name, "Preparing");
    if (asset.kind === "image") return this.#photo(asset.url, asset);
    if (this.#decoder.failure(asset.url) !== undefined)
      return slate(asset.name, "This browser cannot play it");
    const media = { url: asset.url, num: asset.num, den: asset.den };
    const frame = this.playing
      ? this.#streamed(layer.clip, media, layer.picture ?? 0)
      : this.#still(media, layer.picture ?? 0);
    if (!frame) {
      this.missing += 1;
      return null;
    }
    const natural = asset.width > 0 ? { width: asset.width, height: asset.height } : undefined;
    const size = { width: frame.displayWidth, height: frame.displayHeight };
    return { image: frame, ...size, ...(natural ? { natural } : {}) };
  };

  text = (layer: Layer, sequence: Size): TextPicture | null => this.#textOf(layer, sequence);

  /** The same pictures, each decoded exactly, for one frame that must be right. */
  async prepare(layers: readonly Layer[]): Promise<void> {
    for (const layer of layers) {
      if (layer.layers) await this.prepare(layer.layers);
      const asset = layer.asset === undefined ? undefined : this.#assetOf(layer.asset);
      if (asset?.url === undefined || asset.url === null || asset.kind !== "video") continue;
      await this.#fetchStill(
        { url: asset.url, num: asset.num, den: asset.den },
        layer.picture ?? 0,
      );
    }
  }

  /** Closes streams that are no longer shown; called after each draw. */
  sweep(): void {
    for (const [clip, lane] of this.#lanes) {
      lane.idle += 1;
      if (lane.idle <= CLOSE_AFTER_DRAWS && this.playing) continue;
      lane.reader.close();
      this.#lanes.delete(clip);
    }
  }

  openFrames(): number {
    return this.#decoder.openFrames() + this.#stills.size;
  }

  dispose(): void {
    for (const lane of this.#lanes.values()) lane.reader.close();
    for (const frame of this.#stills.values()) frame.close();
    for (const photo of this.#photos.values()) if (photo instanceof ImageBitmap) photo.close();
    this.#lanes.clear();
    this.#stills.clear();
    this.#photos.clear();
  }

  /** Opens a clip's stream before its cut comes. */
  warm(clip: string, media: MediaAddress, picture: number): void {
    if (!this.#lanes.has(clip)) this.#lane(clip, media, picture);
    const lane = this.#lanes.get(clip);
    if (lane) lane.idle = 0;
  }

  #streamed(clip: string, media: MediaAddress, picture: number): VideoFrame | null {
    let lane = this.#lanes.get(clip);
    const known = this.#stills.get(keyOf(media, picture));
    if (lane && (lane.url !== media.url || !lane.reader.covers(picture))) {
      // Backwards, far ahead or another file: a still now, a new stream for what follows.
      lane.reader.close();
      this.#lanes.delete(clip);
      lane = undefined;
    }
    lane ??= this.#lane(clip, media, picture);
    lane.idle = 0;
    lane.last = picture;
    return lane.reader.at(picture) ?? known ?? null;
  }

  #lane(clip: string, media: MediaAddress, picture: number): Lane {
    const lane = {
      reader: this.#decoder.stream(media, picture),
      url: media.url,
      last: picture,
      idle: 0,
    };
    this.#lanes.set(clip, lane);
    return lane;
  }

  #still(media: MediaAddress, picture: number): VideoFrame | null {
    const key = keyOf(media, picture);
    const known = this.#stills.get(key);
    if (known) {
      this.#stills.delete(key);
      this.#stills.set(key, known);
      return known;
    }
    if (!this.#asked.has(key)) void this.#fetchStill(media, picture).then(() => this.#onArrival());
    return null;
  }

  async #fetchStill(media: MediaAddress, picture: number): Promise<void> {
    const key = keyOf(media, picture);
    if (this.#stills.has(key) || this.#asked.has(key)) return;
    this.#asked.add(key);
    const frame = await this.#decoder.still(media, picture);
    this.#asked.delete(key);
    if (!frame) return;
    this.#stills.get(key)?.close();
    this.#stills.set(key, frame);
    const oldest = this.#stills.keys().next().value;
    if (this.#stills.size > STILLS_MAX && oldest !== undefined) {
      this.#stills.get(oldest)?.close();
      this.#stills.delete(oldest);
    }
  }

  #photo(url: string, natural: Size): Picture | null {
    const known = this.#photos.get(url);
    if (known instanceof ImageBitmap)
      return {
        image: known,
        width: known.width,
        height: known.height,
        ...(natural.width > 0 ? { natural } : {}),
      };
    if (known === "failed") return slate("", "This picture cannot be shown");
    if (known === undefined) {
      this.#photos.set(url, "loading");
      loadPhoto(url)
        .then((bitmap) => this.#photos.set(url, bitmap))
        .catch(() => this.#photos.set(url, "failed"))
        .finally(this.#onArrival);
    }
    this.missing += 1;
    return null;
  }
}

export const loadPhoto = async (url: string): Promise<ImageBitmap> => {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return createImageBitmap(await answer.blob());
};

const keyOf = (media: MediaAddress, picture: number): string => `${media.url}#${picture}`;

const slates = new Map<string, OffscreenCanvas>();

/** A marked plate in place of media that cannot be shown. */
const slate = (name: string, why: string): Picture => {
  const key = `${name}\n${why}`;
  const known = slates.get(key);
  if (known) return { image: known, width: known.width, height: known.height };
  const plate = new OffscreenCanvas(1280, 720);
  const context = plate.getContext("2d");
  if (context) {
    context.fillStyle = "#3a1616";
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = "#5c2222";
    for (let x = -720; x < 1280; x += 96) {
      context.beginPath();
      context.moveTo(x, 720);
      context.lineTo(x + 720, 0);
      context.lineTo(x + 768, 0);
      context.lineTo(x + 48, 720);
      context.fill();
    }
    context.fillStyle = "#ffd9d6";
    context.textAlign = "center";
    context.font = "600 48px system-ui";
    context.fillText(why, 640, 350);
    context.font = "32px system-ui";
    context.fillText(name.slice(0, 60), 640, 410);
  }
  slates.set(key, plate);
  return { image: plate, width: 1280, height: 720 };
};
