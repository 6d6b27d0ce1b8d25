/** A name and a key for what lies under the pointer or has the focus. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";

const SHOW_AFTER_MS = 450;
const GAP = 6;

type Place = { readonly x: number; readonly y: number; readonly below: boolean };

const placeOf = (element: HTMLElement): Place => {
  const box = element.getBoundingClientRect();
  const below = box.top < 64;
  const x = Math.min(Math.max(box.left + box.width / 2, 70), window.innerWidth - 70);
  return { x, y: below ? box.bottom + GAP : box.top - GAP, below };
};

type TooltipProps = {
  readonly label: string;
  readonly keys?: string | undefined;
  /** What cannot be done now, and why. */
  readonly reason?: string | undefined;
  readonly children: ReactNode;
  readonly className?: string;
};

export const Tooltip = ({ label, keys, reason, children, className }: TooltipProps) => {
  const anchor = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [place, setPlace] = useState<Place | null>(null);
  const id = useId();
  const hide = () => {
    clearTimeout(timer.current);
    setPlace(null);
  };
  const show = (delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (anchor.current?.firstElementChild) {
        setPlace(placeOf(anchor.current.firstElementChild as HTMLElement));
      }
    }, delay);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for what its child is given
    <span
      ref={anchor}
      className={className ?? "contents"}
      onPointerEnter={(event) => event.pointerType === "mouse" && show(SHOW_AFTER_MS)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(":focus-visible") && show(0)}
      onBlur={hide}
      onKeyDown={hide}
    >
      {children}
      {place &&
        createPortal(
          <span
            ref={(tip) => tip?.showPopover()}
            popover="manual"
            role="tooltip"
            id={id}
            style={{ left: place.x, top: place.y }}
            className={`pointer-events-none fixed inset-auto m-0 flex max-w-72 -translate-x-1/2 items-center gap-2 rounded-control border border-divider bg-raised px-2 py-1 text-dense text-text shadow-lg shadow-canvas/60 ${place.below ? "" : "-translate-y-full"}`}
          >
            <span>
              {label}
              {reason && <span className="block text-dim">{reason}</span>}
            </span>
            {keys && <Keys keys={keys} />}
          </span>,
          document.body,
        )}
    </span>
  );
};

/** A chord as key caps, in the words of this computer. */
export const Keys = ({ keys }: { readonly keys: string }) => (
  <span className="flex shrink-0 items-center gap-0.5">
    {partsOf(keys).map((part) => (
      <kbd
        key={part}
        className="min-w-4.5 rounded-[3px] border border-divider bg-hover px-1 text-center font-sans text-dense text-dim"
      >
        {part}
      </kbd>
    ))}
  </span>
);

const ON_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MAC_NAMES: Readonly<Record<string, string>> = { Ctrl: "⌘", Alt: "⌥", Shift: "⇧" };
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Delete: "Del",
  Escape: "Esc",
};

const partsOf = (keys: string): readonly string[] =>
  (keys.endsWith("++") ? [...keys.slice(0, -2).split("+"), "+"] : keys.split("+")).map(
    (part) => (ON_MAC ? MAC_NAMES[part] : undefined) ?? SHORT_NAMES[part] ?? part,
  );
