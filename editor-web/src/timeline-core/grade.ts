/**
 * What the `color` effect does to a colour, as five numbers [timeline-R17].
 *
 * A gamma-encoded colour is multiplied by three gains, stretched around middle grey, and mixed with
 * its own luma; only the result is cut to 0..1. `timeline/grade.py` answers the same numbers.
 */
import type { Props } from "./resolved";

/** `gain` per channel; `contrast` around middle grey, `saturation` around the colour's own luma. */
export interface Grade {
  readonly gain: readonly [number, number, number];
  readonly contrast: number;
  readonly saturation: number;
}

const GAMMA = 2.2; // exposure is a gain of light: encoded values take its root
export const LUMA = [0.2126, 0.7152, 0.0722] as const; // BT.709
export const BLUE_SCALE = 1.8556;
export const RED_SCALE = 1.5748;
const NEUTRAL_KELVIN = 6500;
const STOPS_PER_MIRED = 0.004; // between red and green, and green and blue
const STOPS_PER_TINT = 0.5; // of green against red and blue

/**
 * The numbers of the effect's parameters, rounded to 6 decimals: a higher `temperature_k` is a warmer
 * picture, a higher `tint` a more magenta one; both keep the luma of grey.
 */
export const gradeOf = (params: Props): Grade => {
  const mireds = 1e6 / NEUTRAL_KELVIN - 1e6 / numberIn(params, "temperature_k", NEUTRAL_KELVIN);
  const warm = STOPS_PER_MIRED * mireds;
  const magenta = STOPS_PER_TINT * numberIn(params, "tint", 0);
  const colors = [warm + magenta / 2, -magenta, magenta / 2 - warm].map(
    (stop) => 2 ** (stop / GAMMA),
  ) as [number, number, number];
  const luma = LUMA[0] * colors[0] + LUMA[1] * colors[1] + LUMA[2] * colors[2];
  const light = 2 ** (numberIn(params, "exposure_stops", 0) / GAMMA) / luma;
  const [red, green, blue] = colors.map((color) => rounded(color * light)) as typeof colors;
  return {
    gain: [red, green, blue],
    contrast: rounded(numberIn(params, "contrast", 1)),
    saturation: rounded(numberIn(params, "saturation", 1)),
  };
};

/** How blue and how red a colour `#rrggbb` is against its luma, -0.5 to 0.5 each (BT.709). */
export const chromaOf = (color: string): readonly [number, number] => {
  const [red, green, blue] = [1, 3, 5].map(
    (at) => Number.parseInt(color.slice(at, at + 2), 16) / 255,
  ) as [number, number, number];
  const luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
  return [rounded((blue - luma) / BLUE_SCALE), rounded((red - luma) / RED_SCALE)];
};

const numberIn = (params: Props, name: string, fallback: number): number => {
  const value = params[name];
  return typeof value === "number" ? value : fallback;
};

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
