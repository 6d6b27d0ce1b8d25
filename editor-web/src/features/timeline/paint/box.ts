/** A rectangle on the canvas, in CSS pixels. */
export type Box = {
  readonly x: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};
