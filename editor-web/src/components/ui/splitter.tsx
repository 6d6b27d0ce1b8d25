/** The seam between two panels: dragged, stepped by arrows, double click puts it back. */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { classNames } from "./class-names";
import { clamped } from "./number-input";

const ARROW_STEP = 16;

/** A size in pixels that this browser remembers. */
export function useRememberedSize(name: string, usual: number): [number, (size: number) => void] {
  const key = `cutroom:size:${name}`;
  const [size, setSize] = useState(() => Number(localStorage.getItem(key)) || usual);
  return [
    size,
    (next) => {
      setSize(next);
      localStorage.setItem(key, String(Math.round(next)));
    },
  ];
}

type SplitterProps = {
  readonly label: string;
  readonly axis: "x" | "y";
  readonly size: number;
  readonly min: number;
  readonly max: number;
  readonly usual: number;
  /** -1 where the panel lies after the seam, so that pulling back makes it larger. */
  readonly direction?: 1 | -1;
  readonly onSize: (size: number) => void;
};

export const Splitter = (props: SplitterProps) => {
  const { label, axis, size, min, max, usual, direction = 1, onSize } = props;
  const from = useRef<{ readonly at: number; readonly size: number } | null>(null);
  const along = (event: PointerEvent) => (axis === "x" ? event.clientX : event.clientY);
  const set = (next: number) => onSize(clamped(next, min, max));
  const step = (event: KeyboardEvent) => {
    const more = axis === "x" ? "ArrowRight" : "ArrowDown";
    const less = axis === "x" ? "ArrowLeft" : "ArrowUp";
    if (event.key !== more && event.key !== less) return;
    event.preventDefault();
    event.stopPropagation();
    set(size + (event.key === more ? ARROW_STEP : -ARROW_STEP) * direction);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      role="separator"
      aria-label={label}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(size)}
      aria-valuemin={Math.round(min)}
      aria-valuemax={Math.round(max)}
      tabIndex={0}
      className={classNames(
        "group relative z-10 shrink-0 touch-none bg-canvas",
        axis === "x" ? "w-1 cursor-col-resize" : "h-1 cursor-row-resize",
      )}
      onKeyDown={step}
      onDoubleClick={() => set(usual)}
      onPointerDown={(event) => {
        from.current = { at: along(event), size };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current) set(from.current.size + (along(event) - from.current.at) * direction);
      }}
      onPointerUp={() => {
        from.current = null;
      }}
    >
      <span
        aria-hidden="true"
        className={classNames(
          "absolute transition-colors duration-100 group-hover:bg-accent/60 group-active:bg-accent",
          axis === "x" ? "-inset-x-0.5 inset-y-0" : "-inset-y-0.5 inset-x-0",
        )}
      />
    </div>
  );
};
