/** Between the timeline and the screen: one place for ticks and pixels. */
import { type Flicks, flicks, TICKS } from "./time";

export type Pixels = number & { readonly __unit: "pixels" };

export const pixels = (value: number): Pixels => value as Pixels;

/** The length of a stretch of time on screen. */
export const toPixels = (span: Flicks, pixelsPerSecond: number): Pixels =>
  pixels((span / TICKS) * pixelsPerSecond);

/** The stretch of time under a length on screen, to the nearest tick. */
export const toFlicks = (span: Pixels, pixelsPerSecond: number): Flicks =>
  flicks(Math.round((span / pixelsPerSecond) * TICKS));
