/** Fields that are typed into, with their names. */
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { classNames } from "./class-names";

const BOX =
  "w-full rounded-control border border-control-edge/50 bg-field text-body text-text placeholder:text-faint hover:border-control-edge focus-visible:border-accent focus-visible:outline-offset-0 disabled:text-faint read-only:text-dim";

type FieldProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly children: (id: string, describedBy: string | undefined) => ReactNode;
};

/** A label above its field, and what is wrong below it. */
export const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-dense text-dim">
        {label}
      </label>
      {children(id, note ? `${id}-note` : undefined)}
      {note && (
        <p
          id={`${id}-note`}
          className={classNames("text-dense", error ? "text-bad" : "text-faint")}
        >
          {note}
        </p>
      )}
    </div>
  );
};

type TextInputProps = InputHTMLAttributes<HTMLInputElement> & {
  readonly ref?: Ref<HTMLInputElement>;
};

export const TextInput = ({ className, ...rest }: TextInputProps) => (
  <input type="text" className={classNames(BOX, "h-7 px-2", className)} {...rest} />
);

type TextAreaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & {
  readonly ref?: Ref<HTMLTextAreaElement>;
};

export const TextArea = ({ className, ...rest }: TextAreaProps) => (
  <textarea className={classNames(BOX, "resize-y px-2 py-1.5", className)} {...rest} />
);

type SelectProps = SelectHTMLAttributes<HTMLSelectElement>;

export const Select = ({ className, children, ...rest }: SelectProps) => (
  <select className={classNames(BOX, "h-7 cursor-default px-1.5", className)} {...rest}>
    {children}
  </select>
);
