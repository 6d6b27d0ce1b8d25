/** Draws what `layers(frames, n)` says: bottom to top, 8-bit gamma-encoded, sizes by canvas height. */
import type { EffectValue, Layer } from "@/timeline-core/resolved";
import { fitted, numberOf, placement, type Size, textOf } from "./placement";

/** `width`, `height` are the bitmap's; layouts use `natural`, the size of the original. */
export interface Picture extends Size {
  readonly image: CanvasImageSource;
  readonly natural?: Size;
}

/** A text bitmap and where it lies in its text box, all in sequence pixels. */
export interface TextPicture {
  readonly image: CanvasImageSource;
  readonly box: Size;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Gives the pictures that are there now; null where one is still on its way. */
export interface Pictures {
  readonly media: (layer: Layer) => Picture | null;
  readonly text: (layer: Layer, sequence: Size) => TextPicture | null;
}

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

const BLEND: Readonly<Record<string, GlobalCompositeOperation>> = {
  multiply: "multiply",
  screen: "screen",
  overlay: "overlay",
  darken: "darken",
  lighten: "lighten",
  add: "lighter",
  difference: "difference",
};

export class Compositor {
  private readonly spare: OffscreenCanvas[] = [];

  /** `sequence` is the size that layouts are made for; the target may be smaller. */
  draw(
    target: Context,
    layers: readonly Layer[],
    sequence: Size,
    background: string,
    pictures: Pictures,
  ): void {
    const { width, height } = target.canvas;
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.globalAlpha = 1;
    target.globalCompositeOperation = "source-over";
    target.filter = "none";
    target.fillStyle = background.slice(0, 7);
    target.fillRect(0, 0, width, height);
    this.paint(target, layers, sequence, pictures);
  }

  private paint(
    target: Context,
    layers: readonly Layer[],
    sequence: Size,
    pictures: Pictures,
  ): void {
    for (let index = 0; index < layers.length; index += 1) {
      const layer = layers[index];
      if (!layer) continue;
      const other = layers[index + 1];
      if (layer.transition && other?.transition?.id === layer.transition.id) {
        this.transition(target, layer, other, sequence, pictures);
        index += 1;
      } else if (layer.transition) {
        this.transition(target, ...sides(layer), sequence, pictures);
      } else if (layer.kind === "adjustment") {
        this.adjust(target, layer);
      } else {
        this.layer(target, layer, sequence, pictures, layer.opacity);
      }
    }
  }

  private layer(
    target: Context,
    layer: Layer,
    sequence: Size,
    pictures: Pictures,
    alpha: number,
  ): void {
    if (alpha <= 0) return;
    target.save();
    target.globalAlpha = Math.min(1, alpha);
    target.globalCompositeOperation =
      BLEND[textOf(layer.props, "blend", "normal")] ?? "source-over";
    target.filter = filterOf([...layer.effects, ...layer.track_effects], target.canvas.height);
    const scale = target.canvas.height / sequence.height;
    target.scale(target.canvas.width / sequence.width, scale);
    this.content(target, layer, sequence, pictures);
    target.restore();
  }

  private content(target: Context, layer: Layer, sequence: Size, pictures: Pictures): void {
    if (layer.kind === "title" || layer.kind === "captions") {
      const text = pictures.text(layer, sequence);
      if (text) drawText(target, layer, text, sequence);
      return;
    }
    if (layer.layers) {
      const size = {
        width: layer.size?.[0] ?? sequence.width,
        height: layer.size?.[1] ?? sequence.height,
      };
      const inner = this.borrow(size.width, size.height);
      const context = contextOf(inner);
      if (layer.background) {
        context.fillStyle = layer.background;
        context.fillRect(0, 0, size.width, size.height);
      }
      this.paint(context, layer.layers, size, pictures);
      drawPicture(target, layer, { image: inner, ...size }, sequence);
      this.spare.push(inner);
      return;
    }
    if (layer.generator) {
      const drawn = this.borrow(sequence.width, sequence.height);
      drawGenerator(contextOf(drawn), layer);
      drawPicture(target, layer, { image: drawn, ...sequence }, sequence);
      this.spare.push(drawn);
      return;
    }
    const picture = pictures.media(layer);
    if (picture) drawPicture(target, layer, picture, sequence);
  }

  private transition(
    target: Context,
    left: Layer | null,
    right: Layer | null,
    sequence: Size,
    pictures: Pictures,
  ): void {
    const use = left?.transition ?? right?.transition;
    if (!use) return;
    const progress = use.progress;
    const { width, height } = target.canvas;
    const group = this.borrow(width, height);
    const context = contextOf(group);
    const show = (layer: Layer | null, alpha: number): void => {
      if (layer) this.layer(context, layer, sequence, pictures, layer.opacity * alpha);
    };
    switch (use.kind) {
      case "dip":
        show(progress < 0.5 ? left : null, 1);
        context.globalAlpha = progress < 0.5 ? 2 * progress : 1;
        context.fillStyle = textOf(use.params, "color", "#000000").slice(0, 7);
        context.fillRect(0, 0, width, height);
        context.globalAlpha = 1;
        show(progress < 0.5 ? null : right, 2 * progress - 1);
        break;
      case "wipe":
        show(left, 1);
        this.wiped(context, right, use.params, progress, sequence, pictures);
        break;
      case "slide":
      case "push": {
        const angle = (numberOf(use.params, "angle_deg", 0) * Math.PI) / 180;
        const along = [Math.cos(angle), Math.sin(angle)] as const;
        const reach = Math.min(width / Math.abs(along[0]), height / Math.abs(along[1]));
        const dx = along[0] * reach;
        const dy = along[1] * reach;
        this.shifted(
          context,
          left,
          use.kind === "push" ? [dx * progress, dy * progress] : [0, 0],
          sequence,
          pictures,
        );
        this.shifted(
          context,
          right,
          [dx * (progress - 1), dy * (progress - 1)],
          sequence,
          pictures,
        );
        break;
      }
      default: {
        // A (1 - p) + B p, summed: exact for opaque pictures and for those with alpha.
        show(left, 1 - progress);
        const over = this.borrow(width, height);
        if (right) this.layer(contextOf(over), right, sequence, pictures, right.opacity * progress);
        context.globalCompositeOperation = "lighter";
        context.drawImage(over, 0, 0);
        this.spare.push(over);
      }
    }
    target.save();
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.drawImage(group, 0, 0);
    target.restore();
    this.spare.push(group);
  }

  private shifted(
    target: Context,
    layer: Layer | null,
    by: readonly [number, number],
    sequence: Size,
    pictures: Pictures,
  ): void {
    if (!layer) return;
    const { width, height } = target.canvas;
    const drawn = this.borrow(width, height);
    this.layer(contextOf(drawn), layer, sequence, pictures, layer.opacity);
    target.drawImage(drawn, Math.round(by[0]), Math.round(by[1]));
    this.spare.push(drawn);
  }

  private wiped(
    target: Context,
    layer: Layer | null,
    params: Readonly<Record<string, unknown>>,
    progress: number,
    sequence: Size,
    pictures: Pictures,
  ): void {
    if (!layer) return;
    const { width, height } = target.canvas;
    const drawn = this.borrow(width, height);
    const context = contextOf(drawn);
    this.layer(context, layer, sequence, pictures, layer.opacity);
    context.globalCompositeOperation = "destination-in";
    context.fillStyle = wipeMask(context, params, progress);
    context.fillRect(0, 0, width, height);
    target.drawImage(drawn, 0, 0);
    this.spare.push(drawn);
  }

  private adjust(target: Context, layer: Layer): void {
    const filter = filterOf(layer.effects, target.canvas.height);
    if (filter === "none" || layer.opacity <= 0) return;
    const { width, height } = target.canvas;
    const copy = this.borrow(width, height);
    const context = contextOf(copy);
    context.filter = filter;
    context.drawImage(target.canvas, 0, 0);
    target.save();
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.globalAlpha = layer.opacity;
    target.drawImage(copy, 0, 0);
    target.restore();
    this.spare.push(copy);
  }

  private borrow(width: number, height: number): OffscreenCanvas {
    const canvas = this.spare.pop() ?? new OffscreenCanvas(width, height);
    // Setting a size also clears the canvas and its state.
    canvas.width = width;
    canvas.height = height;
    return canvas;
  }
}

const sides = (layer: Layer): [Layer | null, Layer | null] =>
  layer.transition?.side === "left" ? [layer, null] : [null, layer];

const contextOf = (canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D => {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no 2D canvas");
  return context;
};

const drawPicture = (target: Context, layer: Layer, picture: Picture, sequence: Size): void => {
  const base = fitted(picture.natural ?? picture, sequence, textOf(layer.props, "fit", "contain"));
  const { matrix, crop } = placement(layer.props, base, sequence);
  const wide = 1 - crop.left - crop.right;
  const high = 1 - crop.top - crop.bottom;
  if (wide <= 0 || high <= 0) return;
  target.transform(
    matrix.a ?? 1,
    matrix.b ?? 0,
    matrix.c ?? 0,
    matrix.d ?? 1,
    matrix.e ?? 0,
    matrix.f ?? 0,
  );
  target.drawImage(
    picture.image,
    crop.left * picture.width,
    crop.top * picture.height,
    wide * picture.width,
    high * picture.height,
    crop.left,
    crop.top,
    wide,
    high,
  );
};

const drawText = (target: Context, layer: Layer, text: TextPicture, sequence: Size): void => {
  const { matrix } = placement(layer.props, text.box, sequence);
  target.transform(
    matrix.a ?? 1,
    matrix.b ?? 0,
    matrix.c ?? 0,
    matrix.d ?? 1,
    matrix.e ?? 0,
    matrix.f ?? 0,
  );
  target.scale(1 / text.box.width, 1 / text.box.height);
  target.drawImage(text.image, text.x, text.y, text.width, text.height);
};

const BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"] as const;

const drawGenerator = (target: OffscreenCanvasRenderingContext2D, layer: Layer): void => {
  const { width, height } = target.canvas;
  const color = textOf(layer.props, "p:color", "#000000");
  if (layer.generator === "bars") {
    for (const [index, bar] of BARS.entries()) {
      const left = Math.round((index * width) / BARS.length);
      target.fillStyle = bar;
      target.fillRect(left, 0, Math.round(((index + 1) * width) / BARS.length) - left, height);
    }
    return;
  }
  if (layer.generator === "gradient") {
    const angle = (numberOf(layer.props, "p:angle_deg", 0) * Math.PI) / 180;
    target.fillStyle = gradient(target, angle, [
      [0, color],
      [1, textOf(layer.props, "p:color_2", "#ffffff")],
    ]);
  } else {
    target.fillStyle = color;
  }
  target.fillRect(0, 0, width, height);
};

const wipeMask = (
  target: OffscreenCanvasRenderingContext2D,
  params: Readonly<Record<string, unknown>>,
  progress: number,
): CanvasGradient => {
  const degrees = params["angle_deg"];
  const angle = ((typeof degrees === "number" ? degrees : 0) * Math.PI) / 180;
  const given = params["softness"];
  const softness = Math.max(typeof given === "number" ? given : 0, 1 / 65_536);
  const edge = progress * (1 + softness);
  const stops: [number, string][] = [
    [Math.max(0, Math.min(1, edge - softness)), "#000f"],
    [Math.max(0, Math.min(1, edge)), "#0000"],
  ];
  return gradient(target, angle, stops);
};

/** A linear ramp along `angle` that spans the whole canvas, corner to corner. */
const gradient = (
  target: OffscreenCanvasRenderingContext2D,
  angle: number,
  stops: readonly (readonly [number, string])[],
): CanvasGradient => {
  const { width, height } = target.canvas;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const reach = (Math.abs(cos) * width + Math.abs(sin) * height) / 2;
  const ramp = target.createLinearGradient(
    width / 2 - cos * reach,
    height / 2 - sin * reach,
    width / 2 + cos * reach,
    height / 2 + sin * reach,
  );
  for (const [at, color] of stops) ramp.addColorStop(at, color);
  return ramp;
};

const filterOf = (effects: readonly EffectValue[], height: number): string => {
  const filters = effects
    .filter(({ kind }) => kind === "blur")
    .map(({ params }) => `blur(${(numberOf(params, "sigma_h", 0) * height).toFixed(3)}px)`);
  return filters.length > 0 ? filters.join(" ") : "none";
};
