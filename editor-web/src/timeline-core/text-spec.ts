/** What a text looks like, as the canonical JSON that the server draws and keeps by its key. */
import type { Json } from "./model";
import type { Layer } from "./resolved";

export type TextSpec = Readonly<Record<string, Json>>;

/** The spec of a title or cue layer, laid out for a sequence of this size; null for other layers. */
export const textSpec = (
  _layer: Layer,
  _sequence: { readonly width: number; readonly height: number },
): TextSpec | null => null;

export const textSpecKey = (spec: TextSpec): string => JSON.stringify(spec);
