/** A number of all selected records; one that keyframes may move has them beside it. */
import { EFFECT_KINDS } from "@/timeline-core/schema";
import { MovingRow } from "./moving-row";
import type { NumberRowProps } from "./number-props";
import { PlainNumberRow } from "./rows";
import { type Subject, useSubject } from "./subject";
import { propertyOf } from "./values";

/** Keys of clips that keyframes may move. */
const ANIMATED: ReadonlySet<string> = new Set([
  "x",
  "y",
  "scale_x",
  "scale_y",
  "rotation",
  "anchor_x",
  "anchor_y",
  "opacity",
  "crop_l",
  "crop_t",
  "crop_r",
  "crop_b",
  "gain_db",
  "pan",
  "font_size",
]);

function moves({ map, records }: Subject, name: string): boolean {
  if (map === "clips") return ANIMATED.has(name);
  if (map !== "effects") return false;
  const kinds = records.map((record) => EFFECT_KINDS.get(propertyOf(record, "kind", "")));
  return kinds.every((kind) => kind?.params.get(name.replace(/^p:/, ""))?.animated === true);
}

export const NumberRow = (props: NumberRowProps) =>
  moves(useSubject(), props.name) ? <MovingRow {...props} /> : <PlainNumberRow {...props} />;
