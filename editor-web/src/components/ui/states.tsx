/** What a list shows when it has nothing to list: not yet, nothing, or not now. */
import { CircleAlert, type LucideIcon } from "lucide-react";
import { Component, type ReactNode, useEffect, useState } from "react";
import { Button } from "./button";
import { classNames } from "./class-names";

const SKELETON_AFTER_MS = 200;

/** True once something has lasted long enough to be worth a skeleton. */
export function useLate(active: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) return setLate(false);
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, [active]);
  return late && active;
}

export const Skeleton = ({ className }: { readonly className?: string }) => (
  <span
    aria-hidden="true"
    className={classNames("block animate-pulse rounded-control bg-hover", className)}
  />
);

type EmptyProps = {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
};

export const Empty = ({ icon: Icon, title, children, action }: EmptyProps) => (
  <div className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
    <span className="mb-1 grid size-10 place-items-center rounded-full bg-raised text-faint">
      <Icon size={20} aria-hidden="true" />
    </span>
    <p className="text-body text-text">{title}</p>
    {children && <p className="max-w-64 text-dense text-dim">{children}</p>}
    {action && <div className="mt-2 flex gap-2">{action}</div>}
  </div>
);

type FailureProps = {
  readonly title: string;
  /** What it means for the work. */
  readonly meaning?: string | undefined;
  readonly detail?: string | undefined;
  readonly detailLabel?: string;
  readonly action: { readonly label: string; readonly onClick: () => void };
};

export const Failure = ({ title, meaning, detail, detailLabel, action }: FailureProps) => (
  <div
    role="alert"
    className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center"
  >
    <CircleAlert size={24} className="text-bad" aria-hidden="true" />
    <p className="text-body text-text">{title}</p>
    {meaning && <p className="max-w-80 text-dense text-dim">{meaning}</p>}
    <Button className="mt-1" onClick={action.onClick}>
      {action.label}
    </Button>
    {detail && (
      <details className="mt-1 max-w-80 text-dense text-faint">
        <summary className="cursor-default">{detailLabel}</summary>
        <code className="break-all">{detail}</code>
      </details>
    )}
  </div>
);

type BoundaryProps = {
  readonly title: string;
  readonly actionLabel: string;
  readonly children: ReactNode;
};

/** Keeps the crash of one panel inside that panel. */
export class PanelBoundary extends Component<BoundaryProps, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Failure
        title={this.props.title}
        detail={error.message}
        detailLabel={error.name}
        action={{ label: this.props.actionLabel, onClick: () => this.setState({ error: null }) }}
      />
    );
  }
}

export const Progress = ({
  value,
  label,
  tone = "accent",
}: {
  /** 0..1; null where nobody knows. */
  readonly value: number | null;
  readonly label: string;
  readonly tone?: "accent" | "ok" | "bad";
}) => (
  <span
    role="progressbar"
    aria-label={label}
    {...(value === null
      ? {}
      : { "aria-valuenow": Math.round(value * 100), "aria-valuemin": 0, "aria-valuemax": 100 })}
    className="block h-1 w-full overflow-hidden rounded-full bg-hover"
  >
    <span
      className={classNames(
        "block h-full rounded-full transition-[width] duration-quick",
        tone === "ok" ? "bg-ok" : tone === "bad" ? "bg-bad" : "bg-accent",
        value === null && "w-1/3 animate-pulse",
      )}
      style={value === null ? undefined : { width: `${Math.round(value * 1000) / 10}%` }}
    />
  </span>
);
