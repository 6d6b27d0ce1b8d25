/** Name, colour or removal of a marker. */
import { useState } from "react";
import { useEdit } from "@/collab/use-edit";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TextInput } from "@/components/ui/field";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { TICKS } from "@/timeline-core/time";
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
  const [kind, setKind] = useState(marker?.kind ?? "marker");
  const [seconds, setSeconds] = useState(String((marker?.duration ?? 0) / TICKS));
  if (!marker) return null;
  const save = () => {
    const typed = Number.parseFloat(seconds.replace(",", "."));
    const duration = Number.isFinite(typed) ? Math.max(0, Math.round(typed * TICKS)) : 0;
    void editing.run([
      { op: "set", map: "markers", id, values: { name: name.trim(), color, kind, duration } },
    ]);
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
        <div className="grid grid-cols-2 gap-3">
          <Field label={say.timeline.markerKind}>
            {(field) => (
              <Select id={field} value={kind} onChange={(event) => setKind(event.target.value)}>
                {(["marker", "chapter", "todo"] as const).map((each) => (
                  <option key={each} value={each}>
                    {say.timeline.markerKinds[each]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={say.timeline.markerLength}>
            {(field) => (
              <TextInput
                id={field}
                inputMode="decimal"
                value={seconds}
                onChange={(event) => setSeconds(event.target.value)}
              />
            )}
          </Field>
        </div>
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
