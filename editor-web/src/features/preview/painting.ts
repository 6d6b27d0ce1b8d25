/** Pictures made of arithmetic: bars, gradients, plain colours, and the edge of a wipe. */
import type { Layer, TransitionUse } from "@/timeline-core/resolved";
import { numberOf, textOf } from "./placement";

type Context = OffscreenCanvasRenderingContext2D;

const BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"] as const;
const SOFTNESS_MIN = 1 / 65_535;

/** Fills the whole canvas with what a generator clip shows. */
export const drawGenerator = (target: Context, layer: Layer): void => {
  const { width, height } = target.canvas;
  const color = textOf(layer.props, "p:color", "#000000");
  if (layer.generator === "bars") {
    for (const [index, bar] of BARS.entries()) {
      const left = Math.ceil((index * width) / BARS.length);
      target.fillStyle = bar;
      target.fillRect(left, 0, Math.ceil(((index + 1) * width) / BARS.length) - left, height);
    }
    return;
  }
  if (layer.generator === "gradient") {
    target.fillStyle = ramp(target, numberOf(layer.props, "p:angle_deg", 0), [
      [0, color],
      [1, textOf(layer.props, "p:color_2", "#ffffff")],
    ]);
  } else {
    target.fillStyle = color;
  }
  target.fillRect(0, 0, width, height);
};

/** What a wipe shows of its right side: a soft edge travels along its angle. */
export const wipeMask = (target: Context, use: TransitionUse): CanvasGradient =>
  ramp(
    target,
    numberOf(use.params, "angle_deg", 0),
    wipeStops(use.progress, numberOf(use.params, "softness", 0)).map(([at, alpha]) => [
      at,
      `rgb(0 0 0 / ${alpha})`,
    ]),
  );

/** [place on the ramp, alpha] where the edge begins and ends, cut to the ramp [export-X7]. */
export const wipeStops = (
  progress: number,
  softness: number,
): readonly (readonly [number, number])[] => {
  const soft = Math.max(softness, SOFTNESS_MIN);
  const reached = progress * (1 + soft);
  const alphaAt = (at: number): number => Math.max(0, Math.min(1, (reached - at) / soft));
  return [reached - soft, reached].map((at) => {
    const inside = Math.max(0, Math.min(1, at));
    return [inside, alphaAt(inside)] as const;
  });
};

/** A linear ramp along `degrees` clockwise from right that spans the canvas, corner to corner. */
const ramp = (
  target: Context,
  degrees: number,
  stops: readonly (readonly [number, string])[],
): CanvasGradient => {
  const { width, height } = target.canvas;
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const reach = (Math.abs(cos) * width + Math.abs(sin) * height) / 2;
  const gradient = target.createLinearGradient(
    width / 2 - cos * reach,
    height / 2 - sin * reach,
    width / 2 + cos * reach,
    height / 2 + sin * reach,
  );
  for (const [at, color] of stops) gradient.addColorStop(at, color);
  return gradient;
};
