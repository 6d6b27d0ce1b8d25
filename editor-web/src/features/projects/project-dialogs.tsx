/** Renaming and deleting a project. */
import { useState } from "react";
import { Button, ButtonRow } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { Field, TextInput } from "@/components/ui/field";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";

type RenameProps = {
  readonly name: string;
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
};

export const RenameDialog = ({ name, onSave, onClose }: RenameProps) => {
  const [typed, setTyped] = useState(name);
  const save = () => {
    if (typed.trim() !== "" && typed.trim() !== name) onSave(typed.trim());
    onClose();
  };
  return (
    <Dialog
      title={sayProjects.rename}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button look="primary" onClick={save}>
            {sayProjects.save}
          </Button>
        </ButtonRow>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field label={sayProjects.nameLabel}>
          {(id) => (
            <TextInput
              id={id}
              maxLength={200}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
};

type DeleteProps = {
  readonly name: string;
  readonly onDelete: () => void;
  readonly onClose: () => void;
};

export const DeleteDialog = ({ name, onDelete, onClose }: DeleteProps) => (
  <ConfirmDialog
    title={sayProjects.deleteTitle(name)}
    action={sayProjects.delete}
    onConfirm={onDelete}
    onClose={onClose}
  >
    <p className="text-dim">{sayProjects.deleteMeaning}</p>
  </ConfirmDialog>
);
