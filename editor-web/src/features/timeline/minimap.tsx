/** The whole film in twelve pixels; the window in it is what the timeline shows, and can be dragged. */
import { type PointerEvent, useRef } from "react";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";
import { MINIMAP_HEIGHT } from "./model/rows";
import type { ClipView, TimelineView } from "./model/view-model";

const COLORS: Readonly<Record<ClipView["tone"], string>> = {
  video: "var(--color-clip-video-edge)",
  audio: "var(--color-clip-audio-edge)",
  title: "var(--color-clip-title-edge)",
  caption: "var(--color-clip-caption-edge)",
  adjustment: "var(--color-clip-adjustment-edge)",
  sequence: "var(--color-clip-sequence-edge)",
  missing: "var(--color-clip-missing-edge)",
  unknown: "var(--color-clip-adjustment-edge)",
};
const BARS_MAX = 400; // more of them are thinner than a pixel

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
      {bars(view).map(({ clip, row, rows }) => (
        <span
          key={clip.id}
          aria-hidden="true"
          className="absolute opacity-60"
          style={{
            left: part(clip.start),
            width: `max(1px, calc(${part(clip.duration)} - 1px))`,
            top: `${1 + (row / rows) * (MINIMAP_HEIGHT - 2)}px`,
            height: `${Math.max(1, (MINIMAP_HEIGHT - 2) / rows - 1)}px`,
            backgroundColor: COLORS[clip.tone],
          }}
        />
      ))}
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

function bars(view: TimelineView) {
  const rows = Math.max(1, view.tracks.length);
  return view.tracks
    .flatMap((track, row) => track.clips.map((clip) => ({ clip, row, rows })))
    .slice(0, BARS_MAX);
}
