/** Asks before a moment is brought back, and says what that would change. */
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Version } from "@/lib/api/types";
import { sayHistory } from "@/lib/messages/history";
import { ChangesOf } from "./told-changes";
import { nameOf } from "./version-list";

type RestoreProps = {
  readonly project: string;
  readonly version: Version;
  readonly onRestore: () => void;
  readonly onClose: () => void;
};

export const RestoreDialog = ({ project, version, onRestore, onClose }: RestoreProps) => (
  <ConfirmDialog
    title={sayHistory.restoreTitle(nameOf(version))}
    action={sayHistory.restore}
    look="primary"
    onConfirm={onRestore}
    onClose={onClose}
  >
    <p className="text-body">{sayHistory.restoreMeaning}</p>
    <h3 className="mt-4 mb-1 text-heading font-semibold">{sayHistory.changesTo}</h3>
    <ChangesOf project={project} version={version.id} until="now" />
  </ConfirmDialog>
);
