/**
 * Draws what `layers(frames, n)` says, bottom to top, as `timeline/drawing.py` plans it for films.
 *
 * 8-bit gamma-encoded. Everything is laid out in sequence pixels; the target may have fewer.
 * Effects and adjustment clips change nothing, because no film shows them either.
 */
import type { Layer, TransitionUse } from "@/timeline-core/resolved";
import { drawGenerator, wipeMask } from "./painting";
import {
  evenSize,
  numberOf,
  placed,
  type Size,
  type Subject,
  textOf,
  wholePicture,
} from "./placement";

/** A bitmap and what it stands for; the bitmap may be smaller than its subject. */
export interface Picture extends Size {
  readonly image: CanvasImageSource;
  readonly subject: Subject;
}

/** The plate of media that is not there, and the words on it once they are drawn. */
export interface Slate {
  readonly slate: Picture | null;
}

/** Where a layer is drawn: `canvas` is the size of its sequence, `output` that of the whole picture. */
export interface Surrounding {
  /** The clips that lead here from the sequence that is shown. */
  readonly path: string;
  readonly canvas: Size;
  readonly output: Size;
}

/** Gives the pictures that are there now; null where one is still on its way. */
export interface Pictures {
  readonly media: (layer: Layer, where: Surrounding) => Picture | Slate | null;
  readonly text: (layer: Layer, where: Surrounding) => Picture | null;
  /** Whether the clip's place is animated, so that it is not set on whole pixels. */
  readonly moves: (clip: string) => boolean;
}

export interface DrawOptions {
  readonly background: string;
  readonly pictures: Pictures;
  /** Better filters; slower. */
  readonly fine: boolean;
}

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

const SLATE_COLOR = "#26292e";
const OPAQUE_BLACK = "#000000";

const BLEND: Readonly<Record<string, GlobalCompositeOperation>> = {
  multiply: "multiply",
  screen: "screen",
  overlay: "overlay",
  darken: "darken",
  lighten: "lighten",
  add: "lighter",
  difference: "difference",
};

/** How one layer is laid: its weight beside its opacity, its shift, and what of it is masked. */
interface Laying {
  readonly weight: number;
  readonly shift: readonly [number, number];
  readonly mask: TransitionUse | null;
  /** Over nothing there is nothing to blend with. */
  readonly onAlpha: boolean;
}

const STILL = [0, 0] as const;
const plain = (onAlpha: boolean): Laying => ({ weight: 1, shift: STILL, mask: null, onAlpha });

export class Compositor {
  readonly #spare: OffscreenCanvas[] = [];
  #pictures: Pictures | null = null;
  #fine = false;

  /** Draws one frame of a sequence of size `sequence` over the whole target. */
  draw(target: Context, layers: readonly Layer[], sequence: Size, options: DrawOptions): void {
    this.#pictures = options.pictures;
    this.#fine = options.fine;
    reset(target);
    target.fillStyle = options.background.slice(0, 7);
    target.fillRect(0, 0, target.canvas.width, target.canvas.height);
    const output = evenSize(sequence);
    this.#paint(target, layers, { path: "", canvas: sequence, output }, false);
  }

  #paint(target: Context, layers: readonly Layer[], where: Surrounding, onAlpha: boolean): void {
    for (let index = 0; index < layers.length; index += 1) {
      const layer = layers[index] as Layer;
      const next = layers[index + 1];
      if (layer.transition && next?.transition?.id === layer.transition.id) {
        this.#pair(target, layer, next, where, onAlpha);
        index += 1;
      } else {
        this.#lay(target, layer, where, alone(layer, where.canvas, onAlpha));
      }
    }
  }

  #pair(target: Context, left: Layer, right: Layer, where: Surrounding, onAlpha: boolean): void {
    const use = left.transition as TransitionUse;
    const basic = plain(onAlpha);
    switch (use.kind) {
      case "dip":
        this.#lay(target, left, where, basic);
        veil(target, textOf(use.params, "color", OPAQUE_BLACK), Math.min(1, 2 * use.progress));
        this.#lay(target, right, where, { ...basic, weight: Math.max(0, 2 * use.progress - 1) });
        return;
      case "wipe":
        this.#lay(target, left, where, basic);
        this.#lay(target, right, where, { ...basic, mask: use });
        return;
      case "slide":
      case "push": {
        const leaving = use.kind === "push" ? shiftOf(use, use.progress, where.canvas) : STILL;
        const entering = shiftOf(use, use.progress - 1, where.canvas);
        this.#lay(target, left, where, { ...basic, shift: leaving });
        this.#lay(target, right, where, { ...basic, shift: entering });
        return;
      }
      default:
        this.#dissolve(target, left, right, use.progress, where);
    }
  }

  /** A (1 - p) + B p, summed premultiplied: exact for opaque pictures and for those with alpha. */
  #dissolve(
    target: Context,
    left: Layer,
    right: Layer,
    progress: number,
    where: Surrounding,
  ): void {
    const group = this.#borrow(target.canvas);
    const over = this.#borrow(target.canvas);
    this.#lay(contextOf(group), left, where, { ...plain(true), weight: 1 - progress });
    this.#lay(contextOf(over), right, where, { ...plain(true), weight: progress });
    const sum = contextOf(group);
    reset(sum);
    sum.globalCompositeOperation = "lighter";
    sum.drawImage(over, 0, 0);
    reset(target);
    target.drawImage(group, 0, 0);
    this.#spare.push(group, over);
  }

  #lay(target: Context, layer: Layer, where: Surrounding, laying: Laying): void {
    const alpha = Math.min(1, layer.opacity * laying.weight);
    if (alpha <= 0 || layer.kind === "adjustment") return;
    if (laying.mask) this.#layMasked(target, layer, where, alpha, laying);
    else this.#content(target, layer, where, alpha, blendOf(layer, laying.onAlpha), laying.shift);
  }

  #layMasked(
    target: Context,
    layer: Layer,
    where: Surrounding,
    alpha: number,
    laying: Laying,
  ): void {
    const alone = this.#borrow(target.canvas);
    const context = contextOf(alone);
    this.#content(context, layer, where, alpha, "source-over", laying.shift);
    reset(context);
    context.globalCompositeOperation = "destination-in";
    context.fillStyle = wipeMask(context, laying.mask as TransitionUse);
    context.fillRect(0, 0, alone.width, alone.height);
    reset(target);
    target.globalCompositeOperation = blendOf(layer, laying.onAlpha);
    target.drawImage(alone, 0, 0);
    this.#spare.push(alone);
  }

  #content(
    target: Context,
    layer: Layer,
    where: Surrounding,
    alpha: number,
    blend: GlobalCompositeOperation,
    shift: readonly [number, number],
  ): void {
    const put = (picture: Picture): void => {
      reset(target);
      target.globalAlpha = alpha;
      target.globalCompositeOperation = blend;
      target.imageSmoothingQuality = this.#fine ? "high" : "low";
      const size = evenSize(where.canvas);
      target.scale(target.canvas.width / size.width, target.canvas.height / size.height);
      const moves =
        (this.#pictures?.moves(layer.clip) ?? false) || shift[0] !== 0 || shift[1] !== 0;
      drawPicture(target, layer, picture, where.canvas, { moves, shift });
    };
    if (layer.layers) this.#nested(target, layer, layer.layers, where, put);
    else if (layer.kind === "generator") this.#generator(layer, where, put);
    else if (layer.kind === "title" || layer.kind === "captions") {
      const text = this.#pictures?.text(layer, where);
      if (text) put(text);
    } else if (layer.kind === "media") {
      const picture = this.#pictures?.media(layer, where) ?? null;
      if (picture === null) return;
      if ("slate" in picture) this.#slate(picture, where, put);
      else put(picture);
    }
  }

  #nested(
    target: Context,
    layer: Layer,
    layers: readonly Layer[],
    where: Surrounding,
    put: (picture: Picture) => void,
  ): void {
    if (layers.length === 0) return;
    const canvas = {
      width: layer.size?.[0] ?? where.canvas.width,
      height: layer.size?.[1] ?? where.canvas.height,
    };
    const size = evenSize(canvas);
    const zoom = Math.min(1, this.#fine ? 1 : target.canvas.height / where.canvas.height);
    const inner = this.#borrow({
      width: Math.max(2, Math.round(size.width * zoom)),
      height: Math.max(2, Math.round(size.height * zoom)),
    });
    const path = `${where.path}${layer.clip}/`;
    this.#paint(contextOf(inner), layers, { path, canvas, output: where.output }, true);
    put({
      image: inner,
      width: inner.width,
      height: inner.height,
      subject: wholePicture(size, true),
    });
    this.#spare.push(inner);
  }

  #generator(layer: Layer, where: Surrounding, put: (picture: Picture) => void): void {
    const drawn = this.#borrow(where.canvas);
    drawGenerator(contextOf(drawn), layer);
    put({ image: drawn, ...where.canvas, subject: wholePicture(where.canvas, true) });
    this.#spare.push(drawn);
  }

  #slate({ slate }: Slate, where: Surrounding, put: (picture: Picture) => void): void {
    const plate = this.#borrow({ width: 2, height: 2 });
    const context = contextOf(plate);
    context.fillStyle = SLATE_COLOR;
    context.fillRect(0, 0, 2, 2);
    put({ image: plate, width: 2, height: 2, subject: wholePicture(where.canvas, true) });
    this.#spare.push(plate);
    if (slate) put(slate);
  }

  #borrow({ width, height }: Size): OffscreenCanvas {
    const canvas = this.#spare.pop() ?? new OffscreenCanvas(width, height);
    // Setting a size also clears the canvas and its state.
    canvas.width = width;
    canvas.height = height;
    return canvas;
  }
}

/** A layer without a partner: it comes out of nothing, or goes there. */
const alone = (layer: Layer, canvas: Size, onAlpha: boolean): Laying => {
  const basic = plain(onAlpha);
  const use = layer.transition;
  if (!use) return basic;
  const isRight = use.side === "right";
  if (isRight && use.kind === "wipe") return { ...basic, mask: use };
  if (isRight && (use.kind === "slide" || use.kind === "push"))
    return { ...basic, shift: shiftOf(use, use.progress - 1, canvas) };
  return { ...basic, weight: isRight ? use.progress : 1 - use.progress };
};

/** How far slide and push move a picture; the angle is where it moves to, clockwise from right. */
const shiftOf = (use: TransitionUse, way: number, canvas: Size): readonly [number, number] => {
  const angle = (numberOf(use.params, "angle_deg", 0) * Math.PI) / 180;
  const along = [Math.cos(angle), Math.sin(angle)] as const;
  const { width, height } = evenSize(canvas);
  const reach = Math.min(
    Math.abs(along[0]) > 1e-9 ? width / Math.abs(along[0]) : Number.POSITIVE_INFINITY,
    Math.abs(along[1]) > 1e-9 ? height / Math.abs(along[1]) : Number.POSITIVE_INFINITY,
  );
  return [way * reach * along[0], way * reach * along[1]];
};

const blendOf = (layer: Layer, onAlpha: boolean): GlobalCompositeOperation =>
  (onAlpha ? undefined : BLEND[textOf(layer.props, "blend", "normal")]) ?? "source-over";

const veil = (target: Context, color: string, alpha: number): void => {
  reset(target);
  target.globalAlpha = alpha;
  target.fillStyle = color.slice(0, 7);
  target.fillRect(0, 0, target.canvas.width, target.canvas.height);
};

const reset = (context: Context): void => {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
};

const contextOf = (canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D => {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no 2D canvas");
  return context;
};

const drawPicture = (
  target: Context,
  layer: Layer,
  { image, width, height, subject }: Picture,
  canvas: Size,
  motion: { readonly moves: boolean; readonly shift: readonly [number, number] },
): void => {
  const where = placed(layer.props, subject, canvas, motion);
  if (where === null) return;
  const [left, top, wide, high] = where.crop;
  const [x0, y0, x1, y1, x2, y2] = where.quad;
  // The unit square of what is kept -> its corners; a flipped picture runs the other way in it.
  target.transform(x1 - x0, y1 - y0, x2 - x0, y2 - y0, x0, y0);
  target.transform(
    where.flipH ? -1 : 1,
    0,
    0,
    where.flipV ? -1 : 1,
    where.flipH ? 1 : 0,
    where.flipV ? 1 : 0,
  );
  const [across, down] = [width / subject.width, height / subject.height];
  target.drawImage(image, left * across, top * down, wide * across, high * down, 0, 0, 1, 1);
};
