/** Edits from the screen: done, or told why not. */
import { useMemo } from "react";
import { refusalText, undoText } from "@/lib/messages/en";
import { toast } from "@/lib/toast";
import type { Command } from "@/timeline-core/commands";
import type { RefusalCode } from "@/timeline-core/refusal";
import { useSession } from "./hooks";
import type { Session } from "./session";

export type Editing = {
  /** One gesture; the names of what it created, or null where it was refused and said so. */
  readonly run: (
    commands: readonly Command[],
    label?: string,
  ) => Promise<Readonly<Record<string, string>> | null>;
  /** Takes back the newest own edit, one that is still on its way included. */
  readonly undo: () => Promise<void>;
  readonly redo: () => Promise<void>;
};

export const sentenceOf = (code: RefusalCode): string =>
  refusalText[code] ?? refusalText.bad_argument;

const editingOf = (session: Session): Editing => ({
  run: async (commands, label) => {
    if (commands.length === 0) return null;
    const outcome = await session.edit(commands, label);
    if (outcome.kind === "done") return outcome.created;
    if (outcome.kind === "refused") toast.warning(sentenceOf(outcome.code));
    else toast.error(outcome.problem.title, { description: outcome.problem.detail });
    return null;
  },
  undo: async () => {
    await session.settled();
    const step = session.undo();
    if (step === null) toast(undoText.nothing());
    else if (step.skipped.length > 0) toast.warning(undoText.skipped(step.skipped.length));
  },
  redo: async () => {
    await session.settled();
    const step = session.redo();
    if (step !== null && step.skipped.length > 0)
      toast.warning(undoText.skipped(step.skipped.length));
  },
});

export const useEdit = (): Editing => {
  const session = useSession();
  return useMemo(() => editingOf(session), [session]);
};
