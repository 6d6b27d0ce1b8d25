/**
 * Menus: from a button, or at a point of the canvas. On the browser's popover: it lies above
 * everything, closes by Esc or a press elsewhere, and gives the focus back.
 */
import {
  type ButtonHTMLAttributes,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from "react";
import { classNames } from "./class-names";
import { Keys } from "./tooltip";

export type MenuItem =
  | {
      readonly kind: "item";
      readonly id: string;
      readonly label: string;
      readonly keys?: string | undefined;
      readonly disabled?: boolean;
      readonly danger?: boolean;
      readonly onSelect: () => void;
    }
  | {
      readonly kind: "switch";
      readonly id: string;
      readonly label: string;
      readonly checked: boolean;
      readonly onSelect: () => void;
    }
  | { readonly kind: "seam"; readonly id: string };

type Point = { readonly x: number; readonly y: number };

type MenuProps = {
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** The button that opens it. */
  readonly children: ReactElement<ButtonHTMLAttributes<HTMLButtonElement>>;
  readonly align?: "start" | "end";
};

/** A menu below the button given as its child. */
export const Menu = ({ label, items, children, align = "start" }: MenuProps) => {
  const anchor = useRef<HTMLSpanElement>(null);
  const [at, setAt] = useState<Point | null>(null);
  const button = () => anchor.current?.querySelector("button") ?? null;
  const open = () => {
    const box = button()?.getBoundingClientRect();
    if (box) setAt({ x: align === "end" ? box.right : box.left, y: box.bottom + 4 });
  };
  return (
    <span ref={anchor} className="contents">
      {cloneElement(children, {
        "aria-haspopup": "menu",
        "aria-expanded": at !== null,
        onClick: () => (at ? setAt(null) : open()),
        onKeyDown: (event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          event.stopPropagation();
          open();
        },
      })}
      {at && (
        <MenuAt
          label={label}
          items={items}
          at={at}
          align={align}
          onClose={() => {
            setAt(null);
            button()?.focus({ focusVisible: false } as FocusOptions);
          }}
        />
      )}
    </span>
  );
};

type MenuAtProps = {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly at: Point;
  readonly align?: "start" | "end";
  readonly onClose: () => void;
};

const MARGIN = 8;

/** A menu at a point of the page, for right clicks on what is drawn. */
export const MenuAt = ({ label, items, at, align = "start", onClose }: MenuAtProps) => {
  const element = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const menu = element.current;
    if (!menu) return;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const left = align === "end" ? at.x - width : at.x;
    const fits = at.y + height + MARGIN <= window.innerHeight;
    menu.style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN))}px`;
    menu.style.top = `${fits ? at.y : Math.max(MARGIN, window.innerHeight - height - MARGIN)}px`;
    entries(menu)[0]?.focus();
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") close.current();
    };
    menu.addEventListener("toggle", toggled);
    return () => menu.removeEventListener("toggle", toggled);
  }, [at, align]);
  const choose = (item: Exclude<MenuItem, { kind: "seam" }>) => {
    element.current?.hidePopover();
    item.onSelect();
  };
  return (
    <div
      ref={element}
      role="menu"
      aria-label={label}
      popover="auto"
      tabIndex={-1}
      onKeyDown={(event) => walk(event, element.current)}
      className="fixed inset-auto m-0 min-w-44 rounded-panel border border-divider bg-raised p-1 text-text shadow-canvas/70 shadow-xl"
    >
      {items.map((item) =>
        item.kind === "seam" ? (
          <hr key={item.id} className="mx-1 my-1 border-divider" />
        ) : (
          <button
            key={item.id}
            type="button"
            role={item.kind === "switch" ? "menuitemcheckbox" : "menuitem"}
            {...(item.kind === "switch" ? { "aria-checked": item.checked } : {})}
            aria-disabled={item.kind === "item" && item.disabled === true}
            tabIndex={-1}
            onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
            onClick={() => !(item.kind === "item" && item.disabled) && choose(item)}
            className={classNames(
              "flex h-7 w-full cursor-default select-none items-center gap-2 rounded-control px-2 text-start text-body outline-none focus:bg-hover aria-disabled:text-faint/60",
              item.kind === "item" && item.danger && "text-bad",
            )}
          >
            {item.kind === "switch" && (
              <span aria-hidden="true" className="w-3 text-accent">
                {item.checked ? "✓" : ""}
              </span>
            )}
            <span className="flex-1 pe-4">{item.label}</span>
            {item.kind === "item" && item.keys && <Keys keys={item.keys} />}
          </button>
        ),
      )}
    </div>
  );
};

const entries = (menu: HTMLElement): readonly HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>("[role^=menuitem]"),
];

/** Arrows go round, Home and End to the ends, a letter to the next entry that begins with it. */
function walk(event: KeyboardEvent, menu: HTMLElement | null): void {
  if (!menu) return;
  const all = entries(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: -1,
  };
  event.stopPropagation();
  if (event.key === "Tab") menu.hidePopover();
  const step = steps[event.key];
  const next = step === undefined ? lettered(all, at, event.key) : all.at(step % all.length);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function lettered(all: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key.length !== 1 || key === " ") return undefined;
  const letter = key.toLocaleLowerCase();
  const begins = (entry: HTMLElement): boolean =>
    (entry.textContent ?? "").trim().toLocaleLowerCase().startsWith(letter);
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find(begins);
}
