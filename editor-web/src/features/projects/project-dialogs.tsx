/** Renaming and deleting a project. */
import { useState } from "react";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, TextInput } from "@/components/ui/field";
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
      title={say.projects.rename}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button look="primary" onClick={save}>
            {say.projects.save}
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
        <Field label={say.projects.nameLabel}>
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
  <Dialog
    title={say.projects.deleteTitle(name)}
    closeLabel={say.common.close}
    onClose={onClose}
    footer={
      <ButtonRow>
        <Button onClick={onClose}>{say.common.cancel}</Button>
        <Button
          look="danger"
          onClick={() => {
            onDelete();
            onClose();
          }}
        >
          {say.projects.delete}
        </Button>
      </ButtonRow>
    }
  >
    <p className="text-dim">{say.projects.deleteMeaning}</p>
  </Dialog>
);
