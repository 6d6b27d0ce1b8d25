/** Pictures for the compositor: rings while playing, stills when standing, bitmaps for photos and text. */
import { previewText } from "@/lib/messages/preview";
import type { Layer } from "@/timeline-core/resolved";
import type { Picture, Pictures, Slate, Surrounding } from "./compositor";
import type { MediaAddress } from "./decode-protocol";
import type { Decoder, StreamReader } from "./decoder";
import { type SpanIndex, slateText, type WantedText, wantedText } from "./drawn-text";
import { PhotoShelf } from "./photos";
import { type Size, wholePicture } from "./placement";
import { type Still, StillCache } from "./still-cache";
import { TableShelf } from "./tables";
import type { TextSupply } from "./text-supply";

/** What the preview needs to know of an asset. */
export interface PreviewAsset {
  readonly name: string;
  readonly kind: "video" | "audio" | "image" | "lut";
  /** Address of the proxy; null while the server still prepares it, or where it has none. */
  readonly url: string | null;
  readonly isPreparing: boolean;
  /** Address of the file itself. */
  readonly original: string | null;
  readonly hasPicture: boolean;
  readonly num: number;
  readonly den: number;
  /** Size of the pictures that films are made of; layouts speak of it. */
  readonly width: number;
  readonly height: number;
}

/** undefined while its facts are on their way, null where there is no such asset. */
export type AssetLookup = (id: string) => PreviewAsset | undefined | null;

/** How the playhead goes: it decides whether pictures come as streams or one by one. */
export type Motion = "standing" | "forward" | "backward";

const { slate } = previewText;
const IDLE_DRAWS_MAX = 30; // a stream that nobody asked for during so many draws is closed

interface Lane {
  readonly reader: StreamReader;
  readonly url: string;
  idle: number;
}

/** What stands in the way of showing an asset. */
type Obstacle = { readonly reason: string } | "loading";

export class PictureSupply implements Pictures {
  readonly #lanes = new Map<string, Lane>();
  readonly #stills: StillCache;
  readonly #photos: PhotoShelf;
  readonly #tables: TableShelf;
  #index: SpanIndex | null = null;
  /** Set by the engine before each draw. */
  motion: Motion = "standing";
  /** How many pictures the last draw had to do without, or showed an older one of. */
  missing = 0;
  late = 0;

  readonly #decoder: Decoder;
  readonly #assetOf: AssetLookup;
  readonly #texts: TextSupply;

  constructor(decoder: Decoder, assetOf: AssetLookup, texts: TextSupply, onArrival: () => void) {
    this.#decoder = decoder;
    this.#assetOf = assetOf;
    this.#texts = texts;
    this.#photos = new PhotoShelf(onArrival);
    this.#tables = new TableShelf(onArrival);
    this.#stills = new StillCache(decoder, onArrival);
  }

  setIndex(index: SpanIndex): void {
    this.#index = index;
  }

  beginDraw(motion: Motion): void {
    this.motion = motion;
    this.missing = 0;
    this.late = 0;
  }

  moves = (clip: string): boolean => this.#index?.moves(clip) ?? false;

  media = (layer: Layer, where: Surrounding): Picture | Slate | null => {
    const asset = layer.asset === undefined ? null : this.#assetOf(layer.asset);
    const obstacle = this.#obstacle(layer, asset);
    if (obstacle === "loading") return this.#without();
    if (obstacle) return this.slate(layer, asset?.name, obstacle.reason, where);
    const ready = asset as PreviewAsset & { readonly url: string };
    if (ready.kind === "image") {
      const photo = this.#photos.at(ready.url);
      return photo ? pictureOf(photo, photo, ready) : this.#without();
    }
    const media = { url: ready.url, num: ready.num, den: ready.den };
    const frame = this.#frame(`${where.path}${layer.clip}`, media, layer.picture ?? 0);
    return frame ? pictureOf(frame, sizeOf(frame), ready) : this.#without();
  };

  /** Until it is there, what is drawn without it counts as late. */
  table = (id: string): Uint16Array | null => {
    const asset = this.#assetOf(id);
    if (asset?.kind !== "lut" || !asset.url) return null;
    const found = this.#tables.at(asset.url);
    if (found === null && !this.#tables.failed(asset.url)) this.late += 1;
    return found;
  };

  text = (layer: Layer, where: Surrounding): Picture | null => {
    const wanted = wantedText(layer, this.#index?.span(layer.clip));
    return wanted && this.#words(`${layer.clip}/${layer.cue ?? ""}`, wanted, where);
  };

  slate = (layer: Layer, name: string | undefined, reason: string, where: Surrounding): Slate => {
    const span = this.#index?.span(layer.clip);
    const own = span?.props["name"];
    const known = name ?? (typeof own === "string" && own !== "" ? own : layer.asset);
    const wanted = slateText(known ?? layer.clip, reason, span);
    return { slate: this.#words(`${layer.clip}/slate`, wanted, where) };
  };

  /** What a layer shows, decoded from the beginning for one frame that must be right; the caller closes it. */
  async exact(layer: Layer, fromOriginals: boolean): Promise<VideoFrame | null> {
    const asset = layer.asset === undefined ? null : this.#assetOf(layer.asset);
    if (!asset || this.#obstacle(layer, asset)) return null;
    const { num, den } = asset;
    if (asset.kind === "image") {
      if (asset.url) await this.#photos.load(asset.url);
      return null;
    }
    const urls = fromOriginals ? [asset.original, asset.url] : [asset.url];
    for (const url of urls) {
      const frame = url ? await this.#decoded({ url, num, den }, layer.picture ?? 0) : null;
      if (frame) return frame;
    }
    return null;
  }

  /** The size that layouts of a media layer speak of; null while it is not known. */
  natural(layer: Layer): Size | null {
    const asset = layer.asset === undefined ? null : this.#assetOf(layer.asset);
    return asset && asset.width > 0 && asset.height > 0 ? asset : null;
  }

  /** Closes streams that are no longer shown; called after each draw. */
  sweep(): void {
    for (const [path, lane] of this.#lanes) {
      lane.idle += 1;
      if (lane.idle <= IDLE_DRAWS_MAX && this.motion === "forward") continue;
      lane.reader.close();
      this.#lanes.delete(path);
    }
  }

  openFrames(): number {
    return this.#decoder.openFrames() + this.#stills.size;
  }

  dispose(): void {
    for (const lane of this.#lanes.values()) lane.reader.close();
    this.#lanes.clear();
    this.#stills.dispose();
    this.#photos.dispose();
  }

  /** Opens a layer's stream before its cut comes. */
  warm(layer: Layer, where: Pick<Surrounding, "path">): void {
    const asset = layer.asset === undefined ? null : this.#assetOf(layer.asset);
    if (!asset?.url || asset.kind !== "video" || this.#obstacle(layer, asset)) return;
    const path = `${where.path}${layer.clip}`;
    const known = this.#lanes.get(path);
    if (known) known.idle = 0;
    else this.#lane(path, { url: asset.url, num: asset.num, den: asset.den }, layer.picture ?? 0);
  }

  #without(): null {
    this.missing += 1;
    return null;
  }

  #words(name: string, wanted: WantedText, where: Surrounding): Picture | null {
    const { picture, exact } = this.#texts.at(name, wanted, where.canvas, where.output.height);
    if (!exact) this.late += 1;
    return picture;
  }

  #obstacle(layer: Layer, asset: PreviewAsset | undefined | null): Obstacle | null {
    if (asset === undefined) return "loading";
    if (asset === null || layer.media === "missing") return { reason: slate.missing() };
    if (layer.media === "failed") return { reason: slate.failed() };
    if (layer.media === "pending") return { reason: slate.pending() };
    if (!asset.hasPicture) return { reason: slate.noPicture() };
    if (asset.url === null)
      return { reason: asset.isPreparing ? slate.preparing() : slate.noPreview() };
    if (this.#decoder.failure(asset.url) !== undefined || this.#photos.failed(asset.url))
      return { reason: slate.undecodable() };
    return null;
  }

  #frame(path: string, media: MediaAddress, picture: number): VideoFrame | null {
    if (this.motion === "forward") return this.#streamed(path, media, picture);
    return this.#stills.at(path, media, picture, this.motion === "backward");
  }

  #streamed(path: string, media: MediaAddress, picture: number): VideoFrame | null {
    let lane = this.#lanes.get(path);
    if (lane && (lane.url !== media.url || !lane.reader.covers(picture))) {
      lane.reader.close();
      lane = undefined;
    }
    lane ??= this.#lane(path, media, picture);
    lane.idle = 0;
    const found = lane.reader.at(picture);
    if (found?.exact) return found.frame;
    const known = this.#stills.known(media, picture);
    if (!known) this.late += 1;
    return known ?? found?.frame ?? null;
  }

  #lane(path: string, media: MediaAddress, picture: number): Lane {
    const lane = { reader: this.#decoder.stream(media, picture), url: media.url, idle: 0 };
    this.#lanes.set(path, lane);
    return lane;
  }

  async #decoded(media: MediaAddress, picture: number): Promise<VideoFrame | null> {
    let found: VideoFrame | null = null;
    await this.#decoder.stills(media, picture, 1, (_, frame) => {
      found?.close();
      found = frame;
    });
    return found;
  }
}

/** A bitmap of `size` that stands for the pictures of an asset. */
export const pictureOf = (image: CanvasImageSource, size: Size, asset: PreviewAsset): Picture => {
  const natural = asset.width > 0 && asset.height > 0 ? asset : size;
  return {
    image,
    width: size.width,
    height: size.height,
    subject: wholePicture({ width: natural.width, height: natural.height }, asset.kind !== "image"),
  };
};

export const sizeOf = (frame: Still): Size => ({
  width: frame.displayWidth,
  height: frame.displayHeight,
});
