/**
 * What effects do to a picture, as `timeline/effects.py` plans it and the exporter draws it.
 *
 * Effects of a clip come before its transform: a blur is measured where the picture, fitted to the
 * canvas, has scale 1, and grows and shrinks with it.
 */
import { chromaOf, type Grade, gradeOf } from "@/timeline-core/grade";
import type { EffectValue, Layer, Props } from "@/timeline-core/resolved";
import { CLEARING_EFFECTS, PICTURE_EFFECTS } from "@/timeline-core/schema";
import { blurred } from "./blur";
import { type Cube, gradeCube, type KeyNumbers, keyCube, lookUp, lutCube, spillCube } from "./cube";
import { type Outline, outlineAlpha, type Point } from "./outline";
import { inBlocks, sharpen, thin } from "./pixels";
import { type Box, fittedScale, numberOf, type Size, type Subject, textOf } from "./placement";

/**
 * What one canvas height is as a share of the picture's width and height. `spreads`: the picture has
 * no edge of its own, as a text has none; other pictures keep their frame.
 */
export interface Reach {
  readonly across: number;
  readonly down: number;
  readonly spreads: boolean;
  /** Where a place of the whole picture lies on what crop and flip leave of it. */
  readonly onSeen?: (point: Point) => Point;
}

/** The colours of a look-up table; null while they are on their way, or where there are none. */
export type Tables = (asset: string) => Uint16Array | null;

/** A filtered picture, and how many pixels around it belong to its blur. */
export interface Filtered {
  readonly canvas: OffscreenCanvas;
  readonly margin: readonly [number, number];
}

const SPREAD_SIGMAS = 3;
const CUBES_MAX = 32;
const SHADES_MAX = 4; // each as large as a picture
/** The middle of a picture, where nobody has drawn an outline. */
const HALF: readonly Point[] = [
  [0.25, 0.25],
  [0.75, 0.75],
];
const POINTWISE = new Set(["color", "lut"]);

/** Whether the pictures of a track carry its effects themselves, so that no group is needed. */
export const carries = (layer: Layer): boolean =>
  layer.transition === null &&
  ofPictures(layer.track_effects).every(({ kind }) => POINTWISE.has(kind));

/** Whether effects make parts of a picture clear. */
export const clears = (effects: readonly EffectValue[]): boolean =>
  effects.some(({ kind }) => CLEARING_EFFECTS.has(kind));

export const ofPictures = (effects: readonly EffectValue[]): readonly EffectValue[] =>
  effects.filter(({ kind }) => PICTURE_EFFECTS.has(kind));

/** The reach of a picture of which `crop` (own pixels) is left. */
export const pictureReach = (props: Props, subject: Subject, crop: Box, canvas: Size): Reach => {
  const [across, down] = fittedScale(props, subject, canvas);
  const size = canvas.height * subject.pixel;
  const [left, top, width, height] = crop;
  return {
    across: size / (across * width),
    down: size / (down * height),
    spreads: subject.isText,
    onSeen: ([x, y]) => {
      const seen = [
        (x * subject.width - left) / width,
        (y * subject.height - top) / height,
      ] as const;
      return [
        props["flip_h"] === true ? 1 - seen[0] : seen[0],
        props["flip_v"] === true ? 1 - seen[1] : seen[1],
      ];
    },
  };
};

export class Effects {
  readonly #cubes = new Kept<Cube>(CUBES_MAX);
  readonly #shades = new Kept<Uint8ClampedArray>(SHADES_MAX);

  /** Draws a picture of `size` into a canvas of its own and filters it there. */
  filtered(
    size: Size,
    paint: (context: OffscreenCanvasRenderingContext2D) => void,
    effects: readonly EffectValue[],
    reach: Reach,
    tables: Tables,
  ): Filtered {
    const sigmas = effects.map((effect) => sigmaOf(effect, reach, size));
    const widest = [0, 1].map((axis) => Math.max(0, ...sigmas.map((sigma) => sigma[axis] ?? 0)));
    const [x, y] = reach.spreads ? widest.map((sigma) => Math.ceil(SPREAD_SIGMAS * sigma)) : [0, 0];
    const margin = [x ?? 0, y ?? 0] as const;
    let canvas = new OffscreenCanvas(size.width + 2 * margin[0], size.height + 2 * margin[1]);
    const context = contextOf(canvas);
    context.translate(...margin);
    paint(context);
    for (const [index, effect] of effects.entries()) {
      const sigma = sigmas[index] ?? [0, 0];
      if (effect.kind === "blur") canvas = blurred(canvas, sigma, reach.spreads);
      else this.#changed(canvas, { effect, sigma, size, margin, reach }, tables);
    }
    return { canvas, margin };
  }

  /** All but a blur is arithmetic on the pixels as they are. */
  #changed(canvas: OffscreenCanvas, use: Use, tables: Tables): void {
    const { kind, params } = use.effect;
    const context = contextOf(canvas);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    switch (kind) {
      case "sharpen": {
        const amount = numberOf(params, "amount", 0);
        if (amount === 0) return;
        const soft = contextOf(blurred(canvas, use.sigma, false));
        sharpen(pixels.data, soft.getImageData(0, 0, canvas.width, canvas.height).data, amount);
        break;
      }
      case "mosaic":
        inBlocks(pixels, ...blockOf(use));
        break;
      case "mask": {
        thin(pixels.data, this.#cutout(use), 1);
        break;
      }
      case "chroma_key":
        this.#keyed(pixels.data, keyOf(use.effect));
        break;
      default: {
        const cube = this.#cube(use.effect, tables);
        if (cube === null) return;
        lookUp(pixels.data, cube);
      }
    }
    context.putImageData(pixels, 0, 0);
  }

  #cutout(use: Use): Uint8ClampedArray {
    const outline = outlineOf(use);
    const feather = numberOf(use.effect.params, "feather_h", 0);
    const { size, margin } = use;
    return this.#shades.get(JSON.stringify([outline, feather, size, margin]), () =>
      outlineAlpha(outline, feather, size, margin),
    );
  }

  #keyed(data: Uint8ClampedArray, key: KeyNumbers): void {
    const name = JSON.stringify(key);
    const shade = data.slice();
    lookUp(
      shade,
      this.#cubes.get(`key ${name}`, () => keyCube(key)),
    );
    if (key.spill > 0)
      lookUp(
        data,
        this.#cubes.get(`spill ${name}`, () => spillCube(key)),
      );
    thin(data, shade, 4);
  }

  /** null where nothing would change. */
  #cube({ kind, params }: EffectValue, tables: Tables): Cube | null {
    if (kind === "color") {
      const grade = gradeOf(params);
      return isPlain(grade) ? null : this.#cubes.get(JSON.stringify(grade), () => gradeCube(grade));
    }
    const asset = params["asset"];
    const mix = numberOf(params, "mix", 1);
    const table = typeof asset === "string" && mix > 0 ? tables(asset) : null;
    return table && this.#cubes.get(`${asset}/${mix}`, () => lutCube(table, mix));
  }
}

/** What was made last, by name; what was not asked for longest goes first. */
class Kept<T> {
  readonly #made = new Map<string, T>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string, make: () => T): T {
    const found = this.#made.get(name) ?? make();
    this.#made.delete(name);
    this.#made.set(name, found);
    const oldest = this.#made.keys().next().value;
    if (this.#made.size > this.#most && oldest !== undefined) this.#made.delete(oldest);
    return found;
  }
}

const isPlain = ({ gain, contrast, saturation }: Grade): boolean =>
  gain.every((one) => one === 1) && contrast === 1 && saturation === 1;

const sigmaOf = (
  { kind, params }: EffectValue,
  { across, down }: Reach,
  size: Size,
): readonly [number, number] => {
  const share = kind === "blur" || kind === "sharpen" ? sigmaIn(kind, params) : 0;
  return [share * across * size.width, share * down * size.height];
};

const SHARPEN_SIGMA = 0.002;

const sigmaIn = (kind: "blur" | "sharpen", params: Props): number =>
  numberOf(params, "sigma_h", kind === "blur" ? 0 : SHARPEN_SIGMA);

/** An effect at its place in a stack. */
interface Use {
  readonly effect: EffectValue;
  readonly sigma: readonly [number, number];
  readonly size: Size;
  readonly margin: readonly [number, number];
  readonly reach: Reach;
}

/** The blocks of a mosaic in whole pixels. */
const blockOf = ({ effect, size, reach }: Use): readonly [number, number] => {
  const share = numberOf(effect.params, "size_h", 0);
  const pixels = (length: number): number => Math.max(1, Math.floor(length + 0.5));
  return [pixels(share * reach.across * size.width), pixels(share * reach.down * size.height)];
};

const outlineOf = ({ effect: { params }, reach }: Use): Outline => {
  const { across, down, onSeen } = reach;
  const points = (params["points"] ?? HALF) as readonly Point[];
  return {
    shape: textOf(params, "shape", "rectangle"),
    points: onSeen ? points.map(onSeen) : points,
    across,
    down,
    invert: params["invert"] === true,
  };
};

const keyOf = ({ params }: EffectValue): KeyNumbers => {
  const [blue, red] = chromaOf(textOf(params, "color", "#00ff00"));
  return {
    blue,
    red,
    tolerance: numberOf(params, "tolerance", 0.2),
    softness: numberOf(params, "softness", 0.1),
    spill: numberOf(params, "spill", 0.5),
  };
};

const contextOf = (canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D => {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  return context;
};
