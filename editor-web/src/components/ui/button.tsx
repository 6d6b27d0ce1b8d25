/** Everything that is pressed. Targets are at least 24 px; icons always have a name. */
import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classNames } from "./class-names";
import { Tooltip } from "./tooltip";

export type ButtonLook = "primary" | "secondary" | "ghost" | "danger";

const LOOKS: Readonly<Record<ButtonLook, string>> = {
  primary:
    "bg-accent text-on-accent font-semibold hover:brightness-110 active:brightness-95 disabled:bg-hover disabled:text-faint aria-disabled:bg-hover aria-disabled:text-faint",
  secondary:
    "border border-control-edge/60 bg-raised text-text hover:border-control-edge hover:bg-hover active:bg-field disabled:text-faint disabled:hover:bg-raised",
  ghost:
    "text-dim hover:bg-hover hover:text-text active:bg-field disabled:text-faint/60 disabled:hover:bg-transparent",
  danger:
    "border border-bad/60 bg-raised text-bad hover:bg-bad hover:text-on-accent disabled:border-control-edge/60 disabled:bg-raised disabled:text-faint",
};

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly look?: ButtonLook;
  readonly icon?: LucideIcon | undefined;
  readonly small?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
};

export const Button = ({
  look = "secondary",
  icon: Icon,
  small = false,
  className,
  children,
  ...rest
}: ButtonProps) => (
  <button
    type="button"
    className={classNames(
      "inline-flex shrink-0 cursor-default items-center justify-center gap-1.5 whitespace-nowrap rounded-control text-body transition-colors duration-100",
      small ? "h-6 px-2 text-dense" : "h-7 px-3",
      LOOKS[look],
      className,
    )}
    {...rest}
  >
    {Icon && <Icon size={14} aria-hidden="true" />}
    {children}
  </button>
);

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> & {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys?: string | undefined;
  readonly reason?: string | undefined;
  /** A switch that is on; absent for plain buttons. */
  readonly pressed?: boolean;
  readonly tone?: "accent" | "warn" | "bad";
  readonly iconSize?: number;
  readonly ref?: Ref<HTMLButtonElement>;
};

const TONES = {
  accent: "text-accent bg-accent/15 hover:bg-accent/25 hover:text-accent",
  warn: "text-warn bg-warn/15 hover:bg-warn/25 hover:text-warn",
  bad: "text-bad bg-bad/15 hover:bg-bad/25 hover:text-bad",
} as const;

export const IconButton = ({
  label,
  icon: Icon,
  keys,
  reason,
  pressed,
  tone = "accent",
  iconSize = 16,
  className,
  ...rest
}: IconButtonProps) => (
  <Tooltip label={label} keys={keys} reason={reason}>
    <button
      type="button"
      aria-label={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      {...(keys === undefined ? {} : { "aria-keyshortcuts": keys.replace("Ctrl", "Control") })}
      className={classNames(
        "inline-flex size-7 shrink-0 cursor-default items-center justify-center rounded-control transition-colors duration-100 disabled:text-faint/50 disabled:hover:bg-transparent",
        pressed ? TONES[tone] : "text-dim hover:bg-hover hover:text-text active:bg-field",
        className,
      )}
      {...rest}
    >
      <Icon size={iconSize} aria-hidden="true" />
    </button>
  </Tooltip>
);

/** A thin line between groups of buttons. */
export const Seam = () => <span aria-hidden="true" className="mx-1 h-4 w-px shrink-0 bg-divider" />;

export const ButtonRow = ({ children }: { readonly children: ReactNode }) => (
  <div className="flex items-center justify-end gap-2">{children}</div>
);
