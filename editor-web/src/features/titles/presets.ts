/** The looks of titles. */
import type { say } from "@/lib/messages/screens";
import type { JsonObject } from "@/timeline-core/model";

export type TitlePreset = {
  readonly id: keyof typeof say.text.presets;
  readonly values: JsonObject;
};

/** Sizes are in canvas heights, places in canvas widths and heights from the middle. */
export const TITLE_PRESETS: readonly TitlePreset[] = [
  { id: "title", values: { font_size: 0.12, font_weight: 700 } },
  { id: "subtitle", values: { font_size: 0.06, font_weight: 400, y: 0.12 } },
  {
    id: "lowerThird",
    values: {
      font_size: 0.05,
      font_weight: 600,
      align: "left",
      x: -0.2,
      y: 0.34,
      box_width: 0.5,
      padding: 0.02,
      color_bg: "#0b0c0ecc",
    },
  },
  {
    id: "caption",
    values: { font_size: 0.05, y: 0.38, padding: 0.015, color_bg: "#000000b3" },
  },
  { id: "quote", values: { font_size: 0.07, font_weight: 500, italic: true, box_width: 0.7 } },
];
