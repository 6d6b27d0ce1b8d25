/** One frame that must be right: everything decoded for it, then drawn, then a PNG. */
import type { Layer, SequenceView } from "@/timeline-core/resolved";
import type { Compositor, Pictures } from "./compositor";
import { type PictureSupply, sizeOf } from "./picture-supply";
import { evenSize, wholePicture } from "./placement";
import type { TextSupply } from "./text-supply";

export interface RenderOptions {
  /** `originals`: from the files themselves where the browser can decode them. */
  readonly media?: "proxies" | "originals";
}

interface Wanted {
  readonly layers: readonly Layer[];
  readonly sequence: SequenceView;
  readonly background: string;
  readonly pictures: PictureSupply;
  readonly texts: TextSupply;
  readonly compositor: Compositor;
}

const PATIENCE_MS = 15_000;
const AGAIN_MS = 100;

export const renderedFrame = async (
  wanted: Wanted,
  { media = "proxies" }: RenderOptions,
): Promise<Uint8Array> => {
  const canvas = new OffscreenCanvas(
    evenSize(wanted.sequence).width,
    evenSize(wanted.sequence).height,
  );
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await attempt(wanted, canvas, media === "originals"))) {
    if (performance.now() > deadline) throw new Error("not everything of this frame could be got");
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  const png = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await png.arrayBuffer());
};

/** Whether everything was there. */
const attempt = async (
  wanted: Wanted,
  canvas: OffscreenCanvas,
  fromOriginals: boolean,
): Promise<boolean> => {
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("this browser gives no 2D canvas");
  const frames = new Map<string, VideoFrame>();
  try {
    await decodeAll(wanted.layers, "", wanted.pictures, fromOriginals, frames);
    const draw = (): boolean => {
      wanted.pictures.beginDraw("standing");
      wanted.compositor.draw(context, wanted.layers, wanted.sequence, {
        background: wanted.background,
        pictures: withFrames(wanted.pictures, frames),
        fine: true,
      });
      return wanted.pictures.missing + wanted.pictures.late === 0;
    };
    if (draw()) return true;
    await wanted.texts.settled();
    return draw();
  } finally {
    for (const frame of frames.values()) frame.close();
  }
};

const decodeAll = async (
  layers: readonly Layer[],
  path: string,
  pictures: PictureSupply,
  fromOriginals: boolean,
  frames: Map<string, VideoFrame>,
): Promise<void> => {
  for (const layer of layers) {
    const here = `${path}${layer.clip}`;
    if (layer.layers) await decodeAll(layer.layers, `${here}/`, pictures, fromOriginals, frames);
    if (layer.kind !== "media") continue;
    const frame = await pictures.exact(layer, fromOriginals);
    if (frame) frames.set(here, frame);
  }
};

const withFrames = (supply: PictureSupply, frames: ReadonlyMap<string, VideoFrame>): Pictures => ({
  text: supply.text,
  moves: supply.moves,
  table: supply.table,
  media: (layer, where) => {
    const frame = frames.get(`${where.path}${layer.clip}`);
    if (!frame) return supply.media(layer, where);
    const size = sizeOf(frame);
    return {
      image: frame,
      ...size,
      subject: wholePicture(supply.natural(layer) ?? size, true),
    };
  },
});
