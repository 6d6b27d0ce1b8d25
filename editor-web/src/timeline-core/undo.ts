/**
 * Undo: a guarded patch over the changes of one gesture.
 *
 * Not a rewind: only what still has the value that the gesture gave it goes back, so nobody else's
 * work is taken away [timeline-U2]. Redo is the patch of the undo.
 */
import { type Change, type DocRecord, sameJson, type TimelineDocument } from "./model";
import { PLACEMENT } from "./schema";

/** What an undo writes, and what it left alone because somebody changed it since. */
export interface Patch {
  readonly changes: readonly Change[];
  readonly skipped: readonly Change[];
}

/**
 * The changes that take a gesture back, as far as its values still stand [timeline-U2].
 *
 * A created record gets `removed: true` and stays what it is otherwise. The changed placement keys
 * of one clip go back together or not at all [timeline-U3].
 */
export const undoPatch = (document: TimelineDocument, changes: readonly Change[]): Patch => {
  const torn = new Set(
    changes
      .filter((change) => isPlacement(change) && !stands(document, change))
      .map(({ id }) => id),
  );
  const written: Change[] = [];
  const skipped: Change[] = [];
  for (const change of [...changes].reverse()) {
    if (isGone(document, change)) continue;
    const isTorn = isPlacement(change) && torn.has(change.id);
    const back = isTorn ? null : takenBack(document, change);
    if (back === null) skipped.push(change);
    else written.push(back);
  }
  return { changes: written, skipped };
};

const takenBack = (document: TimelineDocument, change: Change): Change | null => {
  const { map, id, key, before, after } = change;
  if (key !== null) {
    return stands(document, change) ? { map, id, key, before: after, after: before } : null;
  }
  const removed = recordOf(document, change)?.["removed"] ?? null;
  return { map, id, key: "removed", before: removed, after: true };
};

/** Whether a created record is removed already: then there is nothing to take back. */
const isGone = (document: TimelineDocument, change: Change): boolean => {
  if (change.key !== null) return false;
  const record = recordOf(document, change);
  return record === undefined || record["removed"] === true;
};

const isPlacement = ({ map, key }: Change): boolean =>
  map === "clips" && key !== null && PLACEMENT.has(key);

const stands = (document: TimelineDocument, change: Change): boolean => {
  const record = recordOf(document, change);
  return (
    record !== undefined &&
    change.key !== null &&
    sameJson(record[change.key] ?? null, change.after)
  );
};

const recordOf = (document: TimelineDocument, { map, id }: Change): DocRecord | undefined =>
  map === "meta" ? document.meta : document[map].get(id);
