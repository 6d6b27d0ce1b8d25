/** Tabs with arrows; only the shown panel is in the page. */
import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId } from "react";
import { classNames } from "./class-names";

export type Tab<Id extends string> = {
  readonly id: Id;
  readonly label: string;
  readonly icon?: LucideIcon;
};

type TabsProps<Id extends string> = {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly shown: Id;
  readonly onShow: (id: Id) => void;
  /** Only the shown tab says its name beside its icon: for many tabs in little room. */
  readonly compact?: boolean;
  readonly children: ReactNode;
};

export const Tabs = <Id extends string>({
  label,
  tabs,
  shown,
  onShow,
  compact = false,
  children,
}: TabsProps<Id>) => {
  const base = useId();
  const walk = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === shown);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (!next) return;
    onShow(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="tablist"
        aria-label={label}
        onKeyDown={walk}
        className="flex h-9 shrink-0 items-stretch gap-1 border-b border-divider px-2"
      >
        {tabs.map(({ id, label: name, icon: Icon }) => (
          <button
            key={id}
            id={`${base}-${id}`}
            type="button"
            role="tab"
            aria-selected={id === shown}
            aria-label={name}
            title={compact && id !== shown ? name : undefined}
            aria-controls={`${base}-panel`}
            tabIndex={id === shown ? 0 : -1}
            onClick={() => onShow(id)}
            className={classNames(
              "-mb-px flex cursor-default items-center gap-1.5 border-b-2 px-2 text-body transition-colors duration-100",
              id === shown
                ? "border-accent text-text"
                : "border-transparent text-dim hover:text-text",
            )}
          >
            {Icon && <Icon size={14} aria-hidden="true" />}
            {(!compact || id === shown || !Icon) && name}
          </button>
        ))}
      </div>
      <div
        id={`${base}-panel`}
        role="tabpanel"
        aria-labelledby={`${base}-${shown}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        {children}
      </div>
    </div>
  );
};
