/** Asks before a moment is brought back, and says what that would change. */
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Version } from "@/lib/api/types";
import { sayHistory } from "@/lib/messages/history";
import { say } from "@/lib/messages/screens";
import { ChangesOf } from "./told-changes";
import { nameOf } from "./version-list";

type RestoreProps = {
  readonly project: string;
  readonly version: Version;
  readonly onRestore: () => void;
  readonly onClose: () => void;
};

export const RestoreDialog = ({ project, version, onRestore, onClose }: RestoreProps) => (
  <Dialog
    title={sayHistory.restoreTitle(nameOf(version))}
    closeLabel={say.common.close}
    onClose={onClose}
    footer={
      <ButtonRow>
        <Button onClick={onClose}>{say.common.cancel}</Button>
        <Button
          look="primary"
          onClick={() => {
            onRestore();
            onClose();
          }}
        >
          {sayHistory.restore}
        </Button>
      </ButtonRow>
    }
  >
    <p className="text-body">{sayHistory.restoreMeaning}</p>
    <h3 className="mt-4 mb-1 text-heading font-semibold">{sayHistory.changesTo}</h3>
    <ChangesOf project={project} version={version.id} until="now" />
  </Dialog>
);
