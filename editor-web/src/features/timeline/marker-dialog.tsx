/** Name, colour or removal of a marker. */
import { useState } from "react";
import { useEdit } from "@/collab/use-edit";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, TextInput } from "@/components/ui/field";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import type { TimelineView } from "./model/view-model";

type MarkerDialogProps = {
  readonly id: string;
  readonly view: TimelineView;
  readonly onClose: () => void;
};

const COLORS = [5, 3, 1, 9, 7, 6] as const; // people's colours that stand apart on the ruler

const colorOf = (number: number): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--color-person-${number}`).trim();

export const MarkerDialog = ({ id, view, onClose }: MarkerDialogProps) => {
  const editing = useEdit();
  const marker = view.markers.find((one) => one.id === id);
  const [name, setName] = useState(marker?.name ?? "");
  const [color, setColor] = useState(marker?.color ?? "");
  if (!marker) return null;
  const save = () => {
    void editing.run([{ op: "set", map: "markers", id, values: { name: name.trim(), color } }]);
    onClose();
  };
  return (
    <Dialog
      title={say.timeline.editMarker}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button
            look="danger"
            className="me-auto"
            onClick={() => {
              void editing.run([{ op: "remove_marker", marker: id }]);
              onClose();
            }}
          >
            {say.timeline.removeMarker}
          </Button>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button look="primary" onClick={save}>
            {sayProjects.save}
          </Button>
        </ButtonRow>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field label={say.timeline.markerName}>
          {(field) => (
            <TextInput
              id={field}
              value={name}
              maxLength={200}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <fieldset className="flex gap-2">
          <legend className="mb-1 text-dense text-dim">{say.timeline.markerColor}</legend>
          {COLORS.map(colorOf).map((value, index) => (
            <label
              key={value}
              className="grid size-7 place-items-center rounded-full has-checked:bg-hover"
            >
              <input
                type="radio"
                name="color"
                aria-label={`${say.timeline.markerColor} ${index + 1}`}
                checked={color === value}
                onChange={() => setColor(value)}
                className="size-4 appearance-none rounded-full"
                style={{ backgroundColor: value }}
              />
            </label>
          ))}
        </fieldset>
      </form>
    </Dialog>
  );
};
