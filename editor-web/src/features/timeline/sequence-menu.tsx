/** The sequences of the project: which one is open, the others, a new one, its name. */
import { ChevronDown, Layers } from "lucide-react";
import { useState } from "react";
import { useEdit } from "@/collab/use-edit";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, TextInput } from "@/components/ui/field";
import { Menu, type MenuItem } from "@/components/ui/menu";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { saySequences } from "@/lib/messages/sequences";
import { useStage } from "@/lib/stage";
import type { SequenceName, TimelineView } from "./model/view-model";

type SequenceMenuProps = { readonly view: TimelineView; readonly canEdit: boolean };

export const SequenceMenu = ({ view, canEdit }: SequenceMenuProps) => {
  const editing = useEdit();
  const registry = useRegistry();
  const [renaming, setRenaming] = useState(false);
  const open = view.sequences.find(({ id }) => id === view.sequence);
  const nameOf = ({ name, main }: SequenceName): string =>
    name !== "" ? name : main ? saySequences.main : saySequences.unnamed;
  if (!open) return null;
  const shown = view.sequences.map(
    (one): MenuItem => ({
      kind: "switch",
      id: one.id,
      label: nameOf(one),
      checked: one.id === open.id,
      onSelect: () => useStage.getState().openSequence(one.main ? null : one.id),
    }),
  );
  const seam: MenuItem = { kind: "seam", id: "seam" };
  const item = (id: string, label: string, onSelect: () => void): MenuItem => ({
    kind: "item",
    id,
    label,
    onSelect,
  });
  const own = [
    item("new", say.command["sequence.new"], () => registry.run("sequence.new")),
    item("rename", saySequences.rename, () => setRenaming(true)),
    item("main", saySequences.makeMain, () => {
      void editing.run([{ op: "set", map: "meta", id: "", values: { main_sequence: open.id } }]);
      useStage.getState().openSequence(null);
    }),
    {
      ...item("remove", saySequences.remove, () => {
        useStage.getState().openSequence(null);
        void editing.run([{ op: "remove_sequence", sequence: open.id }]);
      }),
      danger: true,
    } as MenuItem,
  ];
  const mayLeave = !open.main;
  const items = [...shown, ...(canEdit ? [seam, ...(mayLeave ? own : own.slice(0, 2))] : [])];
  return (
    <>
      <Menu label={saySequences.title} items={items}>
        <button
          type="button"
          aria-label={saySequences.open(nameOf(open))}
          className="me-auto flex h-6 min-w-0 flex-1 cursor-default items-center gap-1 rounded-control px-1 text-dense text-dim hover:bg-hover hover:text-text"
        >
          <Layers size={13} aria-hidden="true" className="shrink-0" />
          <span className="truncate">{nameOf(open)}</span>
          <ChevronDown size={12} aria-hidden="true" className="shrink-0" />
        </button>
      </Menu>
      {renaming && (
        <RenameDialog
          name={nameOf(open)}
          onClose={() => setRenaming(false)}
          onSave={(name) =>
            void editing.run([{ op: "set", map: "sequences", id: open.id, values: { name } }])
          }
        />
      )}
    </>
  );
};

type RenameProps = {
  readonly name: string;
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
};

const RenameDialog = ({ name, onSave, onClose }: RenameProps) => {
  const [typed, setTyped] = useState(name);
  const save = () => {
    if (typed.trim() !== "") onSave(typed.trim());
    onClose();
  };
  return (
    <Dialog
      title={saySequences.rename}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button look="primary" onClick={save}>
            {saySequences.save}
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
        <Field label={saySequences.name}>
          {(id) => (
            <TextInput
              id={id}
              value={typed}
              maxLength={200}
              onFocus={(event) => event.target.select()}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
};
