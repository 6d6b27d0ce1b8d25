/** A number that is typed, dragged or stepped. One gesture is one commit. */
import { RotateCcw } from "lucide-react";
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useId,
  useRef,
  useState,
} from "react";
import { IconButton } from "./button";
import { classNames } from "./class-names";
import { clamped, parseNumber, rounded } from "./number-input";

type NumberFieldProps = {
  readonly label: string;
  readonly value: number;
  /** Several selected clips disagree: shown as a dash until somebody types. */
  readonly mixed?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly digits?: number;
  readonly unit?: string;
  readonly usual?: number;
  readonly resetLabel?: string;
  readonly disabled?: boolean;
  /** Stands before the name: what else can be done with the value. */
  readonly leading?: ReactNode;
  /** Shown while a drag goes on; nothing is written before `onCommit`. */
  readonly onPreview?: (value: number | null) => void;
  readonly onCommit: (value: number) => void;
};

const PIXELS_PER_STEP = 3;

export const NumberField = (props: NumberFieldProps) => {
  const { label, value, mixed = false, digits = 2, unit = "", usual, disabled = false } = props;
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const { dragged, handlers } = useDrag(props);
  const shown = dragged ?? value;
  const text = mixed && dragged === null ? "—" : `${rounded(shown, digits)}${unit}`;
  const commit = () => {
    const parsed = typed === null ? null : parseNumber(typed, value);
    setTyped(null);
    if (parsed !== null) commitChanged(props, parsed);
  };
  return (
    <div
      className={classNames(
        "group grid h-7 items-center gap-1",
        props.leading === undefined
          ? "grid-cols-[minmax(0,1fr)_92px_24px]"
          : "grid-cols-[24px_minmax(0,1fr)_92px_24px]",
      )}
    >
      {props.leading}
      <label
        htmlFor={id}
        className={classNames(
          "truncate text-dense text-dim",
          !disabled && "cursor-ew-resize touch-none select-none hover:text-text",
        )}
        {...(disabled ? {} : handlers)}
      >
        {label}
      </label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        disabled={disabled}
        value={typed ?? text}
        onFocus={(event) => {
          setTyped(mixed ? "" : String(rounded(value, digits)));
          const field = event.target;
          requestAnimationFrame(() => field.select());
        }}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => stepOrEnd(event, props, typed, setTyped)}
        className="h-6 w-full rounded-control border border-transparent bg-field px-1.5 text-end text-body tabular-nums hover:border-control-edge/60 focus-visible:border-accent focus-visible:outline-offset-0 disabled:text-faint"
      />
      {usual !== undefined && props.resetLabel && !disabled && (mixed || value !== usual) ? (
        <IconButton
          label={props.resetLabel}
          icon={RotateCcw}
          iconSize={12}
          className="size-6"
          onClick={() => props.onCommit(usual)}
        />
      ) : (
        <span />
      )}
    </div>
  );
};

function commitChanged(props: NumberFieldProps, value: number): void {
  const { min = -Infinity, max = Infinity, digits = 2 } = props;
  const next = rounded(clamped(value, min, max), digits + 2);
  if (next !== props.value || props.mixed) props.onCommit(next);
}

function stepOrEnd(
  event: KeyboardEvent<HTMLInputElement>,
  props: NumberFieldProps,
  typed: string | null,
  setTyped: (text: string | null) => void,
): void {
  const { step = 1, value, digits = 2 } = props;
  if (event.key === "Enter") event.currentTarget.blur();
  if (event.key === "Escape") {
    setTyped(null);
    const field = event.currentTarget;
    // The field must forget what was typed before it loses the focus.
    requestAnimationFrame(() => field.blur());
  }
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const base = (typed === null ? null : parseNumber(typed, value)) ?? value;
  const factor = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
  const next = base + (event.key === "ArrowUp" ? step : -step) * factor;
  commitChanged(props, next);
  setTyped(String(rounded(clamped(next, props.min ?? -Infinity, props.max ?? Infinity), digits)));
}

/** Dragging the label sideways; Shift is ten times, Alt a tenth. */
function useDrag(props: NumberFieldProps) {
  const { min = -Infinity, max = Infinity, step = 1, value } = props;
  const from = useRef<{ readonly x: number; readonly value: number } | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const at = (event: PointerEvent): number => {
    const factor = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
    const start = from.current ?? { x: event.clientX, value };
    const steps = Math.trunc((event.clientX - start.x) / PIXELS_PER_STEP);
    return clamped(start.value + steps * step * factor, min, max);
  };
  const end = (event: PointerEvent, keep: boolean) => {
    if (!from.current) return;
    const next = at(event);
    const moved = from.current.x !== event.clientX;
    from.current = null;
    setDragged(null);
    props.onPreview?.(null);
    if (keep && moved) commitChanged(props, next);
  };
  return {
    dragged,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button !== 0) return;
        from.current = { x: event.clientX, value };
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        if (!from.current) return;
        setDragged(at(event));
        props.onPreview?.(at(event));
      },
      onPointerUp: (event: PointerEvent<HTMLElement>) => end(event, true),
      onPointerCancel: (event: PointerEvent<HTMLElement>) => end(event, false),
    },
  };
}
