/** The rows of the inspector: one property each, of all selected clips at once. */
import { type ReactNode, useId, useState } from "react";
import { useEdit } from "@/collab/use-edit";
import { Select, TextInput } from "@/components/ui/field";
import { NumberField } from "@/components/ui/number-field";
import { sayInspector } from "@/lib/messages/inspector";
import { say } from "@/lib/messages/screens";
import type { Json } from "@/timeline-core/model";
import type { NumberRowProps } from "./number-props";
import { useSubject } from "./subject";
import { setCommands, shared } from "./values";

export { type Subject, SubjectProvider, useSubject } from "./subject";

type GroupProps = { readonly title: string; readonly children: ReactNode };

export const Group = ({ title, children }: GroupProps) => {
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-b border-divider px-3 py-2">
      <h3 id={id}>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex h-6 w-full cursor-default items-center gap-1 rounded-control text-start text-dense font-semibold text-text"
        >
          <span
            aria-hidden="true"
            className={`text-faint transition-transform duration-100 ${open ? "rotate-90" : ""}`}
          >
            ›
          </span>
          {title}
        </button>
      </h3>
      {open && <div className="flex flex-col gap-0.5 pt-1">{children}</div>}
    </section>
  );
};

/** A property from the subject, and a function that writes it. */
export function useProperty<T extends Json>(key: string, usual: T) {
  const { ids, records, map, canEdit } = useSubject();
  const editing = useEdit();
  const { value, mixed } = shared(records, key, usual);
  return {
    value,
    mixed,
    canEdit,
    write: (next: T) => void editing.run(setCommands(ids, key, next, usual, map)),
  };
}

/** A number that stands still; `NumberRow` chooses. */
export const PlainNumberRow = ({
  label,
  name,
  usual,
  scale = 1,
  min,
  max,
  ...rest
}: NumberRowProps) => {
  const { value, mixed, canEdit, write } = useProperty(name, usual);
  const limits = {
    ...(min === undefined ? {} : { min: min * scale }),
    ...(max === undefined ? {} : { max: max * scale }),
  };
  return (
    <NumberField
      label={label}
      value={value * scale}
      mixed={mixed}
      usual={usual * scale}
      resetLabel={say.common.reset(label)}
      disabled={!canEdit}
      onCommit={(next) => write(next / scale)}
      {...limits}
      {...rest}
    />
  );
};

type ChoiceRowProps<T extends string> = {
  readonly label: string;
  readonly name: string;
  readonly usual: T;
  readonly choices: Readonly<Record<T, string>>;
};

export const ChoiceRow = <T extends string>({ label, name, usual, choices }: ChoiceRowProps<T>) => {
  const id = useId();
  const { value, mixed, canEdit, write } = useProperty<string>(name, usual);
  return (
    <Row label={label} id={id}>
      <Select
        id={id}
        disabled={!canEdit}
        value={mixed ? "" : value}
        onChange={(event) => write(event.target.value)}
      >
        {mixed && <option value="">{sayInspector.mixed}</option>}
        {Object.entries<string>(choices).map(([choice, name]) => (
          <option key={choice} value={choice}>
            {name}
          </option>
        ))}
      </Select>
    </Row>
  );
};

type SwitchRowProps = { readonly label: string; readonly name: string; readonly usual: boolean };

export const SwitchRow = ({ label, name, usual }: SwitchRowProps) => {
  const id = useId();
  const { value, canEdit, write } = useProperty<boolean>(name, usual);
  return (
    <Row label={label} id={id}>
      <span className="flex h-6 items-center">
        <input
          id={id}
          type="checkbox"
          className="switch"
          disabled={!canEdit}
          checked={value}
          onChange={(event) => write(event.target.checked)}
        />
      </span>
    </Row>
  );
};

type ColorRowProps = { readonly label: string; readonly name: string; readonly usual: string };

/** `#rrggbb` by the browser's own picker; the last two digits, the opacity, are kept. */
export const ColorRow = ({ label, name, usual }: ColorRowProps) => {
  const id = useId();
  const { value, canEdit, write } = useProperty<string>(name, usual);
  const alpha = value.slice(7, 9);
  return (
    <Row label={label} id={id}>
      <span className="flex h-6 items-center gap-2">
        <input
          id={id}
          type="color"
          disabled={!canEdit}
          defaultValue={value.slice(0, 7)}
          key={value}
          onBlur={(event) =>
            event.target.value !== value.slice(0, 7) && write(event.target.value + solid(alpha))
          }
          className="h-6 w-9 cursor-default rounded-control border border-control-edge/50 bg-field p-0.5"
        />
        <span className="text-dense text-faint tabular-nums">{value}</span>
      </span>
    </Row>
  );
};

/** A colour chosen for something invisible is meant to be seen. */
const solid = (alpha: string): string => (alpha === "00" ? "ff" : alpha);

type TextRowProps = {
  readonly label: string;
  readonly name: string;
  readonly placeholder?: string;
};

export const TextRow = ({ label, name, placeholder }: TextRowProps) => {
  const id = useId();
  const { value, mixed, canEdit, write } = useProperty<string>(name, "");
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    if (typed !== null && typed !== value) write(typed);
    setTyped(null);
  };
  return (
    <Row label={label} id={id}>
      <TextInput
        id={id}
        maxLength={200}
        disabled={!canEdit}
        placeholder={mixed ? sayInspector.mixed : placeholder}
        value={typed ?? (mixed ? "" : value)}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        className="h-6"
      />
    </Row>
  );
};

type RowProps = { readonly label: string; readonly id: string; readonly children: ReactNode };

export const Row = ({ label, id, children }: RowProps) => (
  <div className="grid min-h-7 grid-cols-[minmax(0,1fr)_120px] items-center gap-1">
    <label htmlFor={id} className="truncate text-dense text-dim">
      {label}
    </label>
    {children}
  </div>
);

export const Fact = ({ label, value }: { readonly label: string; readonly value: string }) => (
  <div className="flex min-h-6 items-center justify-between gap-3 text-dense">
    <span className="text-dim">{label}</span>
    <span className="truncate text-text tabular-nums">{value}</span>
  </div>
);
