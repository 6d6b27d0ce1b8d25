/** Any document -> a valid timeline with diagnostics. Never throws. */
import type { AssetTable } from "./media";
import type { TimelineDocument } from "./model";
import type { Resolved } from "./resolved";
import { flicks } from "./time";

export const resolve = (
  _document: TimelineDocument,
  _assets: AssetTable,
  _sequence?: string,
): Resolved => ({
  schema: 1,
  sequence: "",
  duration: flicks(0),
  recovered: [],
  diagnostics: [],
  sequences: {},
});
