/**
 * Edits of the whole document: import, restore of a version, a list of changes taken back.
 *
 * Restore is an edit, not a rewind: the property difference between now and then.
 */
import { refused } from "./arguments";
import type { Draft } from "./draft";
import {
  type Change,
  documentFromJson,
  isObject,
  type Json,
  type JsonObject,
  RECORD_ROOTS,
  ROOTS,
  type TimelineDocument,
} from "./model";
import { undoPatch } from "./undo";

/** Writes what makes the document show what `then` shows; records that `then` lacks are removed. */
export const become = (draft: Draft, then: TimelineDocument): void => {
  for (const key of new Set([...Object.keys(then.meta), ...Object.keys(draft.base.meta)])) {
    draft.writeMeta(key, then.meta[key] ?? null);
  }
  for (const root of RECORD_ROOTS) {
    const now = new Map(draft.records(root));
    const goal = then[root];
    for (const [id, record] of goal) {
      const before = now.get(id);
      if (before === undefined) {
        draft.create(root, record, id);
        continue;
      }
      for (const key of new Set([...Object.keys(record), ...Object.keys(before)])) {
        draft.write(root, id, key, record[key] ?? null);
      }
    }
    for (const id of now.keys()) if (!goal.has(id)) draft.remove(root, id);
  }
};

/** The document of a command; `bad_argument` where its roots are no objects of objects. */
export const documentArgument = (value: JsonObject): TimelineDocument => {
  for (const root of ROOTS) {
    const found = value[root] ?? null;
    if (found === null) continue;
    if (!isObject(found)) throw refused("document", `${root} is no object`);
    if (root !== "meta" && !Object.values(found).every(isObject)) {
      throw refused("document", `a record of ${root} is no object`);
    }
  }
  return documentFromJson(value);
};

/** Undoes a list of changes, guarded [timeline-U2]; skipped clips are reported as clamped. */
export const takeBack = (draft: Draft, changes: readonly Change[]): void => {
  const patch = undoPatch(draft.base, changes);
  for (const { map, id, key, after } of patch.changes) {
    if (map === "meta") draft.writeMeta(key ?? "", after);
    else draft.write(map, id, key ?? "", after);
  }
  for (const { id } of patch.skipped) draft.clamp(id);
};

/** Changes as the answers of commands carry them. */
export const changesArgument = (value: Json): readonly Change[] => {
  if (!Array.isArray(value)) throw refused("changes", "a list of changes is expected");
  return (value as readonly Json[]).map(changeFromJson);
};

const changeFromJson = (value: Json): Change => {
  if (!isObject(value)) throw refused("changes", "an object is expected");
  const { id, key = null, before = null, after = null } = value;
  const map = ROOTS.find((root) => root === value["map"]);
  if (typeof id !== "string" || !(key === null || typeof key === "string")) {
    throw refused("changes", "map, id, key, before and after are expected");
  }
  if (map === undefined) throw refused("changes", `one of ${ROOTS.join(", ")} is expected as map`);
  if (map === "meta" && key === null) throw refused("changes", "meta is no record");
  return { map, id, key, before, after };
};
