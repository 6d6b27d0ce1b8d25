/**
 * Handles on the picture of the selected clip: move, scale, turn, crop. The preview follows the hand,
 * the document is written once, at the drop. The numbers of the inspector do the same without a hand.
 */
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { sayHandles } from "@/lib/messages/handles";
import {
  type Corners,
  type Grip,
  type Held,
  type Moved,
  moved,
  type Point,
  type Values,
  within,
} from "./geometry";

export type HandlesSubject = {
  readonly id: string;
  /** As shown, and without its crop. */
  readonly corners: Corners;
  readonly full: Corners;
  readonly anchor: Point;
  readonly values: Values;
};

type HandlesProps = {
  readonly subject: HandlesSubject | null;
  readonly size: { readonly width: number; readonly height: number };
  readonly cropping: boolean;
  /** The clip under a point of the sequence, or null. */
  readonly pick: (at: Point) => string | null;
  readonly onPick: (id: string | null) => void;
  readonly onDraft: (id: string, values: Values | null) => void;
  readonly onDrop: (id: string, values: Values) => void;
  readonly onOpen: (id: string) => void;
};

const HANDLE_OF_1080 = 16; // pixels; handles keep their size on screen as the picture is fitted
const KNOB_OF_1080 = 48;
const THRESHOLD = 3;

export const Handles = (props: HandlesProps) => {
  const { subject, size, cropping, pick, onPick, onDraft, onDrop, onOpen } = props;
  const [held, setHeld] = useState<(Held & { readonly id: string }) | null>(null);
  const [now, setNow] = useState<Moved | null>(null);
  const shown = useRef<SVGSVGElement>(null);
  const unit = size.height / 1080;
  const place = (event: { clientX: number; clientY: number }): Point => {
    const box = shown.current?.getBoundingClientRect();
    if (!box) return [0, 0];
    return [
      ((event.clientX - box.left) / box.width) * size.width,
      ((event.clientY - box.top) / box.height) * size.height,
    ];
  };
  const leave = () => {
    if (held) onDraft(held.id, null);
    setHeld(null);
    setNow(null);
  };
  const leaving = useRef(leave);
  leaving.current = leave;
  useEffect(() => {
    if (!held) return;
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      leaving.current();
    };
    window.addEventListener("keydown", key, true);
    return () => window.removeEventListener("keydown", key, true);
  }, [held]);
  const take = (event: PointerEvent, grip: Grip) => {
    if (!subject || event.button !== 0) return;
    event.stopPropagation();
    shown.current?.setPointerCapture(event.pointerId);
    const { id, anchor, full, values } = subject;
    setHeld({ id, grip, from: place(event), anchor, full, values, size });
  };
  const press = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    const found = pick(place(event));
    if (found !== subject?.id) onPick(found);
    else if (!cropping) take(event, { kind: "move" });
  };
  const go = (event: PointerEvent) => {
    if (!held) return;
    const to = place(event);
    const far = Math.hypot(to[0] - held.from[0], to[1] - held.from[1]) > THRESHOLD * unit;
    if (now === null && !far) return;
    const next = moved(held, to, { snap: !event.altKey, steps: event.shiftKey });
    setNow(next);
    onDraft(held.id, next.values);
  };
  const drop = () => {
    if (!held) return;
    onDraft(held.id, null);
    if (now) onDrop(held.id, now.values);
    setHeld(null);
    setNow(null);
  };
  return (
    <svg
      ref={shown}
      aria-hidden="true"
      data-testid="handles"
      viewBox={`0 0 ${size.width} ${size.height}`}
      className="absolute inset-0 size-full touch-none overflow-visible"
      onPointerDown={press}
      onPointerMove={go}
      onPointerUp={drop}
      onPointerCancel={leave}
      onDoubleClick={(event) => {
        const found = pick(place(event));
        if (found !== null) onOpen(found);
      }}
    >
      {now?.guides.map(({ axis, at }) => (
        <line
          key={axis}
          {...(axis === "x"
            ? { x1: at, x2: at, y1: 0, y2: size.height }
            : { x1: 0, x2: size.width, y1: at, y2: at })}
          className="stroke-warn"
          strokeWidth={2 * unit}
        />
      ))}
      {subject && <Frame {...{ subject, cropping, unit, take }} />}
    </svg>
  );
};

type FrameProps = {
  readonly subject: HandlesSubject;
  readonly cropping: boolean;
  /** Pixels of the sequence that are one of 1080. */
  readonly unit: number;
  readonly take: (event: PointerEvent, grip: Grip) => void;
};

const CORNERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;
const EDGES = [
  ["l", 0, 0.5],
  ["t", 0.5, 0],
  ["r", 1, 0.5],
  ["b", 0.5, 1],
] as const;

const Frame = ({ subject, cropping, unit, take }: FrameProps) => {
  const { corners } = subject;
  const [x0, y0, x1, y1, x2, y2, x3, y3] = corners;
  const side = HANDLE_OF_1080 * unit;
  const top = within(corners, 0.5, 0);
  const down = within(corners, 0.5, 1);
  const length = Math.hypot(top[0] - down[0], top[1] - down[1]) || 1;
  const reach = (KNOB_OF_1080 * unit) / length;
  const knob: Point = [top[0] + (top[0] - down[0]) * reach, top[1] + (top[1] - down[1]) * reach];
  const square = ([x, y]: Point) => ({
    x: x - side / 2,
    y: y - side / 2,
    width: side,
    height: side,
  });
  return (
    <g className="fill-none stroke-accent" strokeWidth={2.5 * unit}>
      <polygon
        points={`${x0},${y0} ${x1},${y1} ${x3},${y3} ${x2},${y2}`}
        strokeDasharray={cropping ? `${8 * unit} ${6 * unit}` : undefined}
        className={cropping ? "" : "cursor-move"}
      />
      {!cropping && (
        <>
          <line x1={top[0]} y1={top[1]} x2={knob[0]} y2={knob[1]} />
          <circle
            cx={knob[0]}
            cy={knob[1]}
            r={side / 2}
            className="cursor-grab fill-canvas"
            data-handle="rotate"
            onPointerDown={(event) => take(event, { kind: "rotate" })}
          >
            <title>{sayHandles.rotate}</title>
          </circle>
        </>
      )}
      {cropping
        ? EDGES.map(([edge, u, v]) => (
            <rect
              key={edge}
              {...square(within(corners, u, v))}
              className={`fill-canvas ${edge === "l" || edge === "r" ? "cursor-ew-resize" : "cursor-ns-resize"}`}
              data-handle={`crop-${edge}`}
              onPointerDown={(event) => take(event, { kind: "crop", edge })}
            >
              <title>{sayHandles.crop}</title>
            </rect>
          ))
        : CORNERS.map(([u, v], index) => (
            <rect
              key={`${u}${v}`}
              {...square(within(corners, u, v))}
              className="cursor-nwse-resize fill-canvas"
              data-handle={`scale-${index}`}
              onPointerDown={(event) =>
                take(event, { kind: "scale", corner: index as 0 | 1 | 2 | 3 })
              }
            >
              <title>{sayHandles.scale}</title>
            </rect>
          ))}
    </g>
  );
};
