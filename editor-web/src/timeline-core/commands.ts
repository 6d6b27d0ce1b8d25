/** Operations by name: the JSON of a command -> the edit that it means. */
import type { AssetTable } from "./media";
import type { Edit, JsonObject, NewId, TimelineDocument } from "./model";
import { EditRefused } from "./refusal";

/** An operation of `timeline.md` section 6 as JSON: `op` and its arguments. */
export type Command = JsonObject & { readonly op: string };

/**
 * What several commands do, each on what the one before left: one gesture, one transaction.
 *
 * @throws EditRefused when one of them cannot be done; nothing is changed then.
 */
export const edited = (
  _document: TimelineDocument,
  _assets: AssetTable,
  commands: readonly Command[],
  _newId: NewId,
): Edit => {
  throw new EditRefused("bad_argument", "", `unknown operation ${commands[0]?.op}`);
};

/** Whether the server must run it: it moves clips it does not name [timeline-E9]. */
export const isServerCommand = (_command: Command): boolean => false;
