/** Lines drawn on the picture: those of the open thread, or of the comment being written. */
import { type PointerEvent, useRef } from "react";
import type { Stroke } from "@/lib/api/types";
import { sayComments } from "@/lib/messages/comments";
import { useCommentsUi } from "./comments-ui";
import { useThreads } from "./use-threads";

const STROKES_MAX = 64;
const POINTS_MAX = 512;
const WIDTH = 6; // pixels of a 1080 sequence

type DrawingLayerProps = {
  readonly project: string;
  /** Of the sequence: strokes are in its pixels. */
  readonly size: { readonly width: number; readonly height: number };
};

export const DrawingLayer = ({ project, size }: DrawingLayerProps) => {
  const { threads } = useThreads(project);
  const { shown, writing, drawing, strokes, setStrokes } = useCommentsUi();
  const open = threads.find((thread) => thread.id === shown);
  const lines = writing ? strokes : (open?.drawing ?? []);
  const going = useRef(false);
  if (lines.length === 0 && !drawing) return null;
  const point = (event: PointerEvent<SVGSVGElement>): number[] => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (at: number, from: number, length: number, pixels: number) =>
      Math.round(((at - from) / length) * pixels * 10) / 10;
    return [
      share(event.clientX, box.left, box.width, size.width),
      share(event.clientY, box.top, box.height, size.height),
    ];
  };
  const begin = (event: PointerEvent<SVGSVGElement>) => {
    if (strokes.length >= STROKES_MAX) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    going.current = true;
    const width = (WIDTH * size.height) / 1080;
    setStrokes([...strokes, { color: penColor(), width, points: [point(event)] }]);
  };
  const go = (event: PointerEvent<SVGSVGElement>) => {
    const last = strokes.at(-1);
    if (!going.current || !last || last.points.length >= POINTS_MAX) return;
    setStrokes([...strokes.slice(0, -1), { ...last, points: [...last.points, point(event)] }]);
  };
  return (
    <svg
      role="img"
      aria-label={sayComments.strokes(lines.length)}
      data-testid="drawing"
      viewBox={`0 0 ${size.width} ${size.height}`}
      onPointerDown={drawing ? begin : undefined}
      onPointerMove={drawing ? go : undefined}
      onPointerUp={() => {
        going.current = false;
      }}
      className={`absolute inset-0 size-full touch-none ${drawing ? "cursor-crosshair" : "pointer-events-none"}`}
    >
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end
        <Line key={index} line={line} />
      ))}
    </svg>
  );
};

const Line = ({ line }: { readonly line: Stroke }) => {
  const [first] = line.points;
  if (!first) return null;
  const points = line.points.length === 1 ? [first, first] : line.points;
  return (
    <polyline
      points={points.map(([x, y]) => `${x},${y}`).join(" ")}
      fill="none"
      stroke={line.color}
      strokeWidth={line.width}
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  );
};

/** The colour that stands apart from most pictures. */
const penColor = (): string =>
  getComputedStyle(document.documentElement).getPropertyValue("--color-person-3").trim();
