/** A person as a coloured disc with initials; the name is always there for readers and hovers. */
import { classNames } from "./class-names";
import { Tooltip } from "./tooltip";

export const initialsOf = (name: string): string => {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
};

type AvatarProps = {
  readonly name: string;
  readonly color: string;
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick?: (() => void) | undefined;
};

export const Avatar = ({ name, color, label, pressed = false, onClick }: AvatarProps) => (
  <Tooltip label={label}>
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      onClick={onClick}
      style={{ backgroundColor: color, outlineColor: pressed ? color : undefined }}
      className={classNames(
        "grid size-7 cursor-default place-items-center rounded-full border-2 border-panel text-[11px] font-bold text-on-person",
        pressed && "outline-2 outline-offset-1 outline-solid",
      )}
    >
      {initialsOf(name)}
    </button>
  </Tooltip>
);
