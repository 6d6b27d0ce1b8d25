/** Patches and their guarded inverse: undo takes back own edits and never another person's. */
import type { Change, TimelineDocument } from "./model";

export interface Undone {
  readonly changes: readonly Change[];
  /** Changes that were left alone, because somebody has written there since. */
  readonly skipped: readonly Change[];
}

export const undone = (_document: TimelineDocument, _changes: readonly Change[]): Undone => ({
  changes: [],
  skipped: [],
});
