/** Stretches of a film with keys, masks, mosaics and sharpening, for the parity gate. */
import type { Row } from "./api";
import { FRAME } from "./films";

/** A stretch of the film, and which of its frames are looked at. */
export interface Stretch {
  readonly feature: string;
  readonly from: number;
  readonly clips: Row;
  readonly effects?: Row;
  readonly transitions?: Row;
  readonly cues?: Row;
  readonly tracks?: Row;
  readonly sequences?: Row;
}

export type Made = (from: number, id: string) => Omit<Stretch, "from">;

/** How the records of a stretch are written. */
interface Tools {
  readonly base: (from: number, number?: number) => Row;
  readonly over: (track: string, from: number, more: Row) => Row;
  readonly media: (number: number, more?: Row) => Row;
  readonly effect: (owner: string, kind: string, params: Row, more?: Row) => Row;
  readonly keyed: (name: string, ...values: readonly number[]) => Row;
}

export const cuts = ({ base, over, media, effect, keyed }: Tools): readonly Made[] => [
  (from, id) => ({
    feature: "colour key that opens, on bars",
    clips: {
      [id]: base(from),
      [`o${id}`]: over("v2", from, { kind: "generator", generator: "bars", scale_y: 0.7 }),
    },
    effects: {
      [`e${id}`]: effect(
        `o${id}`,
        "chroma_key",
        { color: "#00bf00", softness: 0.3 },
        keyed("tolerance", 0.1, 0.4),
      ),
    },
  }),
  (from, id) => ({
    feature: "colour key of a picture, with spill",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, media(1, { source_in: 12 * FRAME, scale_x: 0.7, scale_y: 0.7 })),
    },
    effects: {
      [`e${id}`]: effect(`o${id}`, "chroma_key", { color: "#3060c0", softness: 0.4, spill: 0.8 }),
    },
  }),
  (from, id) => ({
    feature: "masks of a picture that is cropped, mirrored and turned, and of a title",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, {
        ...media(1, { source_in: 30 * FRAME }),
        scale_x: 0.8,
        scale_y: 0.8,
        rotation: -8,
        crop_l: 0.2,
        flip_h: true,
      }),
      [`t${id}`]: over("v3", from, { kind: "title", text: "Half words", font_size: 0.16, y: 0.3 }),
    },
    effects: {
      [`e${id}`]: effect(`o${id}`, "mask", {
        shape: "polygon",
        points: [
          [0.2, 0.1],
          [0.9, 0.2],
          [0.7, 0.9],
          [0.4, 0.6],
        ],
        feather_h: 0.02,
      }),
      [`f${id}`]: effect(`t${id}`, "mask", {
        points: [
          [0, 0],
          [0.6, 1],
        ],
        feather_h: 0.05,
      }),
    },
  }),
  (from, id) => ({
    feature: "adjustment inside of an ellipse whose edge grows soft",
    clips: {
      [id]: base(from),
      [`g${id}`]: over("v3", from, { kind: "adjustment" }),
    },
    effects: {
      [`e${id}`]: effect(`g${id}`, "color", { saturation: 0.1, contrast: 1.3 }, { order: "a0" }),
      [`f${id}`]: effect(
        `g${id}`,
        "mask",
        {
          shape: "ellipse",
          points: [
            [0.1, 0.2],
            [0.8, 0.9],
          ],
          invert: true,
        },
        { ...keyed("feather_h", 0, 0.4), order: "a1" },
      ),
    },
  }),
  (from, id) => ({
    feature: "mosaic of a picture, and one that grows",
    clips: {
      [id]: base(from),
      [`o${id}`]: over("v2", from, {
        ...media(2, { source_in: 40 * FRAME }),
        scale_x: 0.5,
        scale_y: 0.5,
        x: 0.2,
      }),
    },
    effects: {
      [`e${id}`]: effect(id, "mosaic", { size_h: 0.03 }),
      [`f${id}`]: effect(`o${id}`, "mosaic", {}, keyed("size_h", 0, 0.1)),
    },
  }),
  (from, id) => ({
    feature: "sharpening, and sharpening that grows",
    clips: {
      [id]: base(from, 2),
      [`o${id}`]: over("v2", from, {
        ...media(1, { source_in: 40 * FRAME }),
        scale_x: 0.5,
        scale_y: 0.5,
        x: -0.2,
      }),
    },
    effects: {
      [`e${id}`]: effect(id, "sharpen", { amount: 1, sigma_h: 0.006 }),
      [`f${id}`]: effect(`o${id}`, "sharpen", { sigma_h: 0.01 }, keyed("amount", 0, 1.5)),
    },
  }),
];
