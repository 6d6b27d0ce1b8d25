/**
 * Draws what `layers(frames, n)` says, bottom to top, as `timeline/drawing.py` plans it for films.
 *
 * 8-bit gamma-encoded. Everything is laid out in sequence pixels; the target may have fewer.
 */
import type { EffectValue, Layer, TransitionUse } from "@/timeline-core/resolved";
import { carries, clears, Effects, type Filtered, ofPictures, pictureReach } from "./effects";
import { drawGenerator, wipeMask } from "./painting";
import {
  type Box,
  evenSize,
  numberOf,
  placed,
  type Quad,
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
  /** The colours of a look-up table; null where there are none. */
  readonly table: (asset: string) => Uint16Array | null;
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
}

const STILL = [0, 0] as const;
const PLAIN: Laying = { weight: 1, shift: STILL, mask: null };

export class Compositor {
  readonly #spare: OffscreenCanvas[] = [];
  readonly #effects = new Effects();
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
    this.#paint(target, layers, { path: "", canvas: sequence, output });
  }

  #paint(target: Context, layers: readonly Layer[], where: Surrounding): void {
    for (let index = 0; index < layers.length; index += 1) {
      const layer = layers[index] as Layer;
      const next = layers[index + 1];
      if (layer.transition && next?.transition?.id === layer.transition.id) {
        this.#onTrack(target, [layer, next], where);
        index += 1;
      } else if (layer.kind === "adjustment") this.#adjust(target, layer, where);
      else this.#onTrack(target, [layer], where);
    }
  }

  /** What a track shows, with the effects of the track on it that its pictures do not carry themselves. */
  #onTrack(target: Context, shown: readonly [Layer, Layer?], where: Surrounding): void {
    const [first] = shown;
    const effects = carries(first) ? [] : ofPictures(first.track_effects);
    if (effects.length === 0) {
      this.#show(target, shown, where);
      return;
    }
    const group = this.#borrow(target.canvas);
    this.#show(contextOf(group), shown.map(unblended) as [Layer, Layer?], where);
    this.#overAll(target, group, effects, where, { alpha: 1, blend: sharedBlend(shown) });
    this.#spare.push(group);
  }

  #show(target: Context, [layer, next]: readonly [Layer, Layer?], where: Surrounding): void {
    if (next) this.#pair(target, layer, next, where);
    else this.#lay(target, layer, where, alone(layer, where.canvas));
  }

  /** What lies below, filtered: in its place, or over it where the adjustment is not all there. */
  #adjust(target: Context, layer: Layer, where: Surrounding): void {
    const effects = ofPictures([...layer.effects, ...layer.track_effects]);
    const alpha = Math.min(1, layer.opacity * weightOf(layer));
    if (effects.length === 0 || alpha <= 0) return;
    const named = blendOf(layer);
    const inItsPlace = alpha === 1 && named === "source-over" && !clears(effects);
    const blend = inItsPlace ? "copy" : named;
    const below = this.#borrow(target.canvas);
    contextOf(below).drawImage(target.canvas, 0, 0);
    this.#overAll(target, below, effects, where, { alpha, blend });
    this.#spare.push(below);
  }

  /** Draws a whole canvas, filtered. */
  #overAll(
    target: Context,
    source: OffscreenCanvas,
    effects: readonly EffectValue[],
    { canvas }: Surrounding,
    how: { readonly alpha: number; readonly blend: GlobalCompositeOperation },
  ): void {
    const { width, height } = evenSize(canvas);
    const reach = { across: canvas.height / width, down: canvas.height / height, spreads: false };
    const filtered = this.#effects.filtered(
      source,
      (context) => context.drawImage(source, 0, 0),
      effects,
      reach,
      this.#table,
    );
    reset(target);
    target.globalAlpha = how.alpha;
    target.globalCompositeOperation = how.blend;
    target.drawImage(filtered.canvas, 0, 0);
    reset(target);
  }

  readonly #table = (asset: string): Uint16Array | null => this.#pictures?.table(asset) ?? null;

  #pair(target: Context, left: Layer, right: Layer, where: Surrounding): void {
    const use = left.transition as TransitionUse;
    const basic = PLAIN;
    if (left.kind === "adjustment" || right.kind === "adjustment") {
      for (const side of [left, right]) {
        if (side.kind === "adjustment") this.#adjust(target, side, where);
        else this.#lay(target, side, where, { ...basic, weight: weightOf(side) });
      }
      return;
    }
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
    this.#lay(contextOf(group), left, where, { ...PLAIN, weight: 1 - progress });
    this.#lay(contextOf(over), right, where, { ...PLAIN, weight: progress });
    const sum = contextOf(group);
    reset(sum);
    sum.globalCompositeOperation = "lighter";
    sum.drawImage(over, 0, 0);
    reset(target);
    target.globalCompositeOperation = sharedBlend([left, right]);
    target.drawImage(group, 0, 0);
    this.#spare.push(group, over);
  }

  #lay(target: Context, layer: Layer, where: Surrounding, laying: Laying): void {
    const alpha = Math.min(1, layer.opacity * laying.weight);
    if (alpha <= 0) return;
    if (laying.mask) this.#layMasked(target, layer, where, alpha, laying);
    else this.#content(target, layer, where, alpha, blendOf(layer), laying.shift);
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
    target.globalCompositeOperation = blendOf(layer);
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
      const own = carries(layer) ? layer.track_effects : [];
      drawPicture(
        target,
        layer,
        picture,
        where.canvas,
        { moves, shift, fine: this.#fine },
        (size, subject, paint) => {
          const effects = ofPictures([...layer.effects, ...own]);
          if (effects.length === 0) return null;
          const reach = pictureReach(layer.props, subject, subject.crop, where.canvas);
          return this.#effects.filtered(size, paint, effects, reach, this.#table);
        },
      );
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
    this.#paint(contextOf(inner), layers, { path, canvas, output: where.output });
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
const alone = (layer: Layer, canvas: Size): Laying => {
  const basic = PLAIN;
  const use = layer.transition;
  if (!use) return basic;
  const isRight = use.side === "right";
  if (isRight && use.kind === "wipe") return { ...basic, mask: use };
  if (isRight && (use.kind === "slide" || use.kind === "push"))
    return { ...basic, shift: shiftOf(use, use.progress - 1, canvas) };
  return { ...basic, weight: weightOf(layer) };
};

/** How much of a side of a dissolve is there. */
const weightOf = ({ transition }: Layer): number => {
  if (!transition) return 1;
  return transition.side === "right" ? transition.progress : 1 - transition.progress;
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

const blendOf = (layer: Layer): GlobalCompositeOperation =>
  BLEND[textOf(layer.props, "blend", "normal")] ?? "source-over";

const unblended = (layer: Layer | undefined): Layer | undefined =>
  layer && { ...layer, props: { ...layer.props, blend: "normal" } };

/** Of two sides of a transition that are laid in different ways none is right: they lie as they are. */
const sharedBlend = ([one, other]: readonly [Layer, Layer?]): GlobalCompositeOperation => {
  const blend = blendOf(one);
  return !other || blendOf(other) === blend ? blend : "source-over";
};

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

type Filter = (
  size: Size,
  subject: Subject & { readonly crop: Box },
  paint: (context: OffscreenCanvasRenderingContext2D) => void,
) => Filtered | null;

const SIDE_MAX = 4096; // pixels of a picture that is filtered

const drawPicture = (
  target: Context,
  layer: Layer,
  { image, width, height, subject }: Picture,
  canvas: Size,
  motion: {
    readonly moves: boolean;
    readonly shift: readonly [number, number];
    readonly fine: boolean;
  },
  filter: Filter,
): void => {
  const where = placed(layer.props, subject, canvas, motion);
  if (where === null) return;
  const [left, top, wide, high] = where.crop;
  const [across, down] = [width / subject.width, height / subject.height];
  /** Draws what is kept of the picture, flipped, over the unit square. */
  const paint = (context: Context): void => {
    const [turnX, turnY] = [where.flipH ? -1 : 1, where.flipV ? -1 : 1];
    context.transform(turnX, 0, 0, turnY, where.flipH ? 1 : 0, where.flipV ? 1 : 0);
    context.drawImage(image, left * across, top * down, wide * across, high * down, 0, 0, 1, 1);
  };
  const [x0, y0, x1, y1, x2, y2] = where.quad;
  const size = pixelsOf(target, where.quad);
  const paintSized = (context: OffscreenCanvasRenderingContext2D): void => {
    context.imageSmoothingQuality = target.imageSmoothingQuality;
    context.scale(size.width, size.height);
    paint(context);
  };
  const kept = { ...subject, crop: where.crop };
  let filtered = filter(size, kept, paintSized);
  if (motion.fine && !where.quad.every((value) => Number.isInteger(value))) {
    // As films are made: scaled once with care, then put in its place from the nearest four pixels.
    filtered ??= { canvas: sized(size, paintSized), margin: STILL };
    target.imageSmoothingQuality = "low";
  }
  target.transform(x1 - x0, y1 - y0, x2 - x0, y2 - y0, x0, y0);
  if (filtered === null) {
    paint(target);
    return;
  }
  const [marginX, marginY] = [filtered.margin[0] / size.width, filtered.margin[1] / size.height];
  target.drawImage(filtered.canvas, -marginX, -marginY, 1 + 2 * marginX, 1 + 2 * marginY);
};

const sized = (
  { width, height }: Size,
  paint: (context: OffscreenCanvasRenderingContext2D) => void,
): OffscreenCanvas => {
  const canvas = new OffscreenCanvas(width, height);
  paint(contextOf(canvas));
  return canvas;
};

/** How many pixels of the target a picture takes, before it is turned. */
const pixelsOf = (target: Context, [x0, y0, x1, y1, x2, y2]: Quad): Size => {
  const { a, d } = target.getTransform();
  const length = (x: number, y: number): number =>
    Math.max(1, Math.min(SIDE_MAX, Math.round(Math.hypot(x * a, y * d))));
  return { width: length(x1 - x0, y1 - y0), height: length(x2 - x0, y2 - y0) };
};
