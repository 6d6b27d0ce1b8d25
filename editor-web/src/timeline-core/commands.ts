/**
 * Commands: every edit operation by name, its arguments checked, as one transaction.
 *
 * `edited` is the one way in for the editor and the golden cases. An operation answers all its
 * changes or none [timeline-E3]; what a command may carry is written beside its name.
 */
import { Arguments, refused } from "./arguments";
import { CLIP_OPERATIONS, type Operation } from "./clip-operations";
import { Draft } from "./draft";
import type { AssetTable } from "./media";
import type { Edit, JsonObject, NewId, TimelineDocument } from "./model";
import { RECORD_OPERATIONS } from "./record-operations";

/** An operation as JSON: `op` and its arguments, in the API's names. */
export type Command = JsonObject & { readonly op: string };

const COMMANDS_MAX = 200; // in one transaction; more is a program gone wrong

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ...Object.entries(CLIP_OPERATIONS),
  ...Object.entries(RECORD_OPERATIONS),
]);

const SERVER_OPERATIONS: ReadonlySet<string> = new Set([
  "insert",
  "append",
  "ripple",
  "ripple_delete",
  "extract",
  "remove_range",
  "close_gap",
  "swap",
  "nest",
  "un_nest",
  "freeze",
  "land_scenes",
  "replace_document",
  "restore",
  "undo",
]);

/**
 * What several commands do in a row, as one transaction: each sees those before it.
 *
 * @throws EditRefused where one of them is refused; then none is done [timeline-E3]
 */
export const edited = (
  document: TimelineDocument,
  assets: AssetTable,
  commands: readonly JsonObject[],
  newId: NewId,
): Edit => {
  if (commands.length > COMMANDS_MAX) throw refused("commands", `at most ${COMMANDS_MAX} at once`);
  const draft = new Draft(document, assets, newId);
  for (const command of commands) {
    const name = command["op"];
    const operation = typeof name === "string" ? OPERATIONS.get(name) : undefined;
    if (operation === undefined) {
      throw refused("op", `unknown operation ${String(name).slice(0, 64)}`);
    }
    operation(draft, new Arguments(command));
    draft.settle();
  }
  return draft.edit();
};

/** Whether only the server should write this operation while people are online [timeline-E9]. */
export const isServerCommand = (command: JsonObject): boolean => {
  const { op, mode, ripple, make_handles: makeHandles } = command;
  if (typeof op !== "string") return false;
  if (SERVER_OPERATIONS.has(op)) return true;
  if (op === "set_speed") return ripple === true;
  if (op === "add_transition") return makeHandles === true;
  return (op === "move" || op === "duplicate" || op === "paste") && mode === "insert";
};
