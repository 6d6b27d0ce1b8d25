/** The whole film in twelve pixels; the window in it is what the timeline shows, and can be dragged. */
import { memo, type PointerEvent, useEffect, useRef } from "react";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { onTheme } from "@/lib/theme";
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";
import { minimapBars } from "./model/minimap-bars";
import { MINIMAP_HEIGHT } from "./model/rows";
import type { TimelineView } from "./model/view-model";
import { readTheme } from "./paint/theme";

export const Minimap = ({ view }: { readonly view: TimelineView }) => {
  const { from, pixelsPerSecond, width } = useStage((stage) => stage.view);
  const playhead = useStage((stage) => stage.playhead);
  const setView = useStage((stage) => stage.setView);
  const grip = useRef<number | null>(null);
  const shown = (width / pixelsPerSecond) * TICKS;
  const whole = Math.max(view.duration * 1.02, from + shown, TICKS);
  const part = (at: number) => `${(at / whole) * 100}%`;
  const timeAt = (event: PointerEvent<HTMLElement>): number => {
    const { left, width: across } = event.currentTarget.getBoundingClientRect();
    return ((event.clientX - left) / across) * whole;
  };
  const moveTo = (at: number): void =>
    setView({ from: flicks(Math.max(0, Math.round(at))) as Flicks });
  return (
    <div
      role="slider"
      aria-label={say.timeline.minimap}
      aria-valuemin={0}
      aria-valuemax={Math.round(view.duration / TICKS)}
      aria-valuenow={Math.round(from / TICKS)}
      tabIndex={-1}
      style={{ height: MINIMAP_HEIGHT }}
      className="relative shrink-0 touch-none overflow-hidden border-t border-divider bg-canvas"
      onPointerDown={(event) => {
        const at = timeAt(event);
        const inside = at >= from && at <= from + shown;
        grip.current = inside ? at - from : shown / 2;
        event.currentTarget.setPointerCapture(event.pointerId);
        if (!inside) moveTo(at - shown / 2);
      }}
      onPointerMove={(event) => {
        if (grip.current !== null) moveTo(timeAt(event) - grip.current);
      }}
      onPointerUp={() => {
        grip.current = null;
      }}
    >
      <Bars view={view} whole={whole} />
      <span
        aria-hidden="true"
        className="absolute inset-y-0 w-px bg-text"
        style={{ left: part(playhead) }}
      />
      <span
        aria-hidden="true"
        className="absolute inset-y-0 rounded-[2px] border border-dim/70 bg-text/10"
        style={{ left: part(from), width: part(Math.min(shown, whole)) }}
      />
    </div>
  );
};

type BarsProps = { readonly view: TimelineView; readonly whole: number };

/** Painted when the film or the room for it changes; what moves over it is not in here. */
const Bars = memo(({ view, whole }: BarsProps) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = (): void => paintBars(element, view, whole);
    const observer = new ResizeObserver(paint); // also calls for the first time
    observer.observe(element);
    const forget = onTheme(paint);
    return () => {
      observer.disconnect();
      forget();
    };
  }, [view, whole]);
  return <canvas ref={canvas} className="absolute inset-0 h-full w-full opacity-60" />;
});

function paintBars(canvas: HTMLCanvasElement, view: TimelineView, whole: number): void {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!context || width === 0) return;
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  context.scale(density, density);
  const { edge } = readTheme(canvas);
  const room = (height - 2) / Math.max(1, view.tracks.length);
  for (const { row, tone, x, width: across } of minimapBars(view, width / whole)) {
    context.fillStyle = edge[tone];
    context.fillRect(x, 1 + row * room, across, Math.max(1, room - 1));
  }
}
