/**
 * The timeline for keyboards and screen readers: a grid beside the canvas, a row per track, a cell
 * per clip. It is laid over the canvas without catching the pointer, so focus is where the eye is.
 */
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import { say } from "@/lib/messages/screens";
import { TICKS, timecode } from "@/timeline-core/time";
import type { ClipView, TimelineView, TrackView } from "./model/view-model";
import { trackLabel } from "./track-headers";

const WINDOW = 100; // cells in the page at once

type MirrorProps = {
  readonly view: TimelineView;
  readonly selection: readonly string[];
  readonly onFocusClip: (clip: ClipView | null) => void;
  readonly onSelect: (ids: readonly string[]) => void;
  readonly onLeave: () => void;
};

type Cell = { readonly row: number; readonly column: number };

/** Drawn anew for what it shows alone: the panel around it changes with every scroll and cursor. */
export const TimelineMirror = memo((props: MirrorProps) => {
  const { view, selection, onFocusClip, onSelect, onLeave } = props;
  const [focus, setFocus] = useState<Cell>({ row: 0, column: 0 });
  const [inside, setInside] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const tracks = view.tracks.filter((track) => track.clips.length > 0);
  const at = within(tracks, focus);
  const focused = tracks[at.row]?.clips[at.column] ?? null;
  const focusedId = focused?.id ?? "";

  useEffect(() => {
    if (!inside || focusedId === "") return;
    grid.current?.querySelector<HTMLElement>(`[data-clip="${focusedId}"]`)?.focus();
  }, [inside, focusedId]);
  useEffect(() => {
    if (inside) onFocusClip(focused);
  }, [inside, focused, onFocusClip]);

  const press = (event: KeyboardEvent) => {
    const next = steps(tracks, at, event.key);
    if (next) {
      setFocus(next);
      const clip = tracks[next.row]?.clips[next.column];
      if (event.shiftKey && clip)
        onSelect([...selection, ...(focused ? [focused.id] : []), clip.id]);
    } else if (event.key === "Enter" && focused) {
      onSelect(event.ctrlKey ? [...selection, focused.id] : [focused.id]);
    } else if (event.key === "Escape") onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table cannot be walked cell by cell
    <div
      ref={grid}
      role="grid"
      tabIndex={focused ? -1 : 0}
      aria-label={say.timeline.region}
      aria-rowcount={tracks.length}
      aria-colcount={Math.max(1, ...tracks.map((track) => track.clips.length))}
      aria-multiselectable="true"
      onKeyDown={press}
      onFocus={() => setInside(true)}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        setInside(false);
        onFocusClip(null);
      }}
      className="pointer-events-none absolute inset-0 overflow-hidden opacity-0"
    >
      {tracks.map((track, row) => (
        <MirrorRow
          key={track.id}
          {...{ view, track, row, selection }}
          focus={row === at.row ? at.column : null}
          onEnter={(column) => setFocus({ row, column })}
        />
      ))}
    </div>
  );
});

type RowProps = {
  readonly view: TimelineView;
  readonly track: TrackView;
  readonly row: number;
  readonly selection: readonly string[];
  readonly focus: number | null;
  readonly onEnter: (column: number) => void;
};

const MirrorRow = ({ view, track, row, selection, focus, onEnter }: RowProps) => {
  const name = trackLabel(view, track);
  const first = Math.max(0, Math.min((focus ?? 0) - WINDOW / 2, track.clips.length - WINDOW));
  const cellName = (clip: ClipView, selected: boolean): string =>
    say.timeline.clip(
      clip.badge === "missing" ? `${clip.label} (${say.timeline.missing})` : clip.label,
      name,
      timecode(clip.start, view.rate, { startTc: view.startTc }),
      say.timeline.seconds(clip.duration / TICKS),
      selected,
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of the grid above
    // biome-ignore lint/a11y/useFocusableInteractive: its cells are what takes the focus
    <div role="row" aria-rowindex={row + 1} aria-label={say.timeline.row(name, track.clips.length)}>
      {track.clips.slice(first, first + WINDOW).map((clip, index) => (
        // biome-ignore lint/a11y/useSemanticElements: a cell of the grid above
        <span
          key={clip.id}
          role="gridcell"
          data-clip={clip.id}
          aria-colindex={first + index + 1}
          aria-selected={selection.includes(clip.id)}
          aria-label={cellName(clip, selection.includes(clip.id))}
          tabIndex={focus === first + index ? 0 : -1}
          onFocus={() => onEnter(first + index)}
        />
      ))}
    </div>
  );
};

function within(tracks: readonly TrackView[], { row, column }: Cell): Cell {
  const last = Math.max(0, Math.min(row, tracks.length - 1));
  const clips = tracks[last]?.clips.length ?? 1;
  return { row: last, column: Math.max(0, Math.min(column, clips - 1)) };
}

/** Where an arrow leads: along the track, or to what lies above or below at that time. */
function steps(tracks: readonly TrackView[], from: Cell, key: string): Cell | null {
  if (key === "ArrowRight") return within(tracks, { ...from, column: from.column + 1 });
  if (key === "ArrowLeft") return within(tracks, { ...from, column: from.column - 1 });
  if (key === "Home") return { ...from, column: 0 };
  if (key === "End") return within(tracks, { ...from, column: Number.MAX_SAFE_INTEGER });
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const row = from.row + (key === "ArrowUp" ? -1 : 1);
  const here = tracks[from.row]?.clips[from.column];
  const clips = tracks[row]?.clips;
  if (!clips || !here) return from;
  const after = clips.findIndex((clip) => clip.start + clip.duration > here.start);
  return { row, column: after < 0 ? clips.length - 1 : after };
}
