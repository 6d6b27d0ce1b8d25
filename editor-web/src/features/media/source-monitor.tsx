/**
 * The source monitor: one piece of media on its own, played and stepped through, to take a part of
 * it onto the timeline. While it has the focus, the keys of the transport are its own.
 */
import { Pause, Play, StepBack, StepForward, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import type { Asset } from "@/lib/api/types";
import { firstKey } from "@/lib/keys/choice";
import { useCommands } from "@/lib/keys/use-commands";
import { saySource } from "@/lib/messages/source";
import {
  type Flicks,
  type Frames,
  flicks,
  frameContaining,
  middle,
  rate,
  TICKS,
  tick,
  timecode,
} from "@/timeline-core/time";
import type { Placing } from "./placing";

/** What of the source is wanted, in its own ticks; the end is the first tick not shown. */
export type Part = { readonly from: Flicks; readonly to: Flicks };

type SourceMonitorProps = {
  readonly asset: Asset;
  readonly canEdit: boolean;
  readonly onPlace: (asset: Asset, how: Placing, part: Part) => void;
  readonly onClose: () => void;
};

const STILL_SECONDS = 5;
const WAYS = ["insert", "overwrite", "append"] as const satisfies readonly Placing[];

export const SourceMonitor = ({ asset, canEdit, onPlace, onClose }: SourceMonitorProps) => {
  const player = useRef<HTMLVideoElement>(null);
  const room = useRef<HTMLElement>(null);
  const [active, setActive] = useState(false);
  const [at, setAt] = useState(flicks(0));
  const [playing, setPlaying] = useState(false);
  const [marks, setMarks] = useState<{ from: Flicks | null; to: Flicks | null }>({
    from: null,
    to: null,
  });
  const grid = rate(asset.facts?.fps_num ?? 30, asset.facts?.fps_den ?? 1);
  const length = flicks(asset.facts?.duration ?? STILL_SECONDS * TICKS);
  const last = tick(Math.max(0, frameContaining(length, grid) - 1) as Frames, grid);
  const part: Part = { from: marks.from ?? flicks(0), to: marks.to ?? length };
  useEffect(() => room.current?.focus(), []);

  const seek = (to: number) => {
    const shown = flicks(Math.min(last, Math.max(0, to)));
    const number = frameContaining(shown, grid);
    setAt(tick(number, grid));
    // The middle of the picture: its edge may show the one before.
    if (player.current) player.current.currentTime = middle(number, grid) / TICKS;
  };
  const step = (frames: number) => {
    player.current?.pause();
    seek(tick(Math.max(0, frameContaining(at, grid) + frames) as Frames, grid));
  };
  const toggle = () => {
    const element = player.current;
    if (!element) return;
    if (element.paused) void element.play();
    else element.pause();
  };
  const follow = () => {
    const seconds = player.current?.currentTime ?? 0;
    if (!player.current?.paused) setAt(flicks(Math.min(last, Math.round(seconds * TICKS))));
  };
  const markIn = () =>
    setMarks({ from: at, to: marks.to !== null && marks.to > at ? marks.to : null });
  const markOut = () => {
    const to = tick((frameContaining(at, grid) + 1) as Frames, grid);
    setMarks({ to, from: marks.from !== null && marks.from < to ? marks.from : null });
  };
  const second = Math.round(grid.num / grid.den);

  return (
    <section
      ref={room}
      data-region="source"
      tabIndex={-1}
      aria-label={saySource.title(asset.name)}
      onFocus={() => setActive(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setActive(false);
      }}
      onPointerDown={(event) => {
        if (!(event.target as Element).closest("button")) event.currentTarget.focus();
      }}
      className="flex h-full min-w-0 flex-1 flex-col border-divider border-e bg-canvas outline-none focus-within:bg-panel/40"
    >
      {active && (
        <SourceKeys
          {...{ toggle, step, second, markIn, markOut, onClose }}
          pause={() => player.current?.pause()}
          clear={() => setMarks({ from: null, to: null })}
          go={(where) => seek(where === "in" ? part.from : where === "out" ? part.to - 1 : where)}
          last={last}
        />
      )}
      <header className="flex h-8 shrink-0 items-center gap-2 ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate text-dense text-dim">{asset.name}</h2>
        <IconButton label={saySource.close} icon={X} iconSize={14} onClick={onClose} />
      </header>
      <div className="grid min-h-0 flex-1 place-items-center overflow-hidden px-3">
        {asset.kind === "image" ? (
          <img
            src={asset.urls.proxy ?? asset.urls.content ?? ""}
            alt={asset.name}
            className="max-h-full max-w-full object-contain"
          />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: raw media, before anybody wrote its captions
          <video
            ref={player}
            src={asset.urls.proxy ?? asset.urls.content ?? ""}
            preload="auto"
            playsInline
            aria-label={saySource.picture(asset.name)}
            onPlay={() => setPlaying(true)}
            onPause={() => {
              setPlaying(false);
              seek(Math.round((player.current?.currentTime ?? 0) * TICKS));
            }}
            onTimeUpdate={follow}
            className="max-h-full min-h-0 w-full object-contain"
          />
        )}
      </div>
      <Scrubber
        {...{ at, length, part, grid }}
        onSeek={(to) => {
          player.current?.pause();
          seek(to);
        }}
      />
      <div className="flex h-9 shrink-0 items-center gap-0.5 px-2">
        {asset.kind !== "image" && (
          <>
            <IconButton label={saySource.back} icon={StepBack} onClick={() => step(-1)} />
            <IconButton
              label={playing ? saySource.pause : saySource.play}
              icon={playing ? Pause : Play}
              onClick={toggle}
            />
            <IconButton label={saySource.forward} icon={StepForward} onClick={() => step(1)} />
          </>
        )}
        <Button small look="ghost" onClick={markIn} aria-keyshortcuts={firstKey("range.in")}>
          {saySource.markIn}
        </Button>
        <Button small look="ghost" onClick={markOut} aria-keyshortcuts={firstKey("range.out")}>
          {saySource.markOut}
        </Button>
        <output className="px-1 text-dense text-text tabular-nums">{timecode(at, grid)}</output>
        <span className="text-dense text-faint tabular-nums max-xl:hidden">
          {saySource.part(timecode(flicks(part.to - part.from), grid))}
        </span>
      </div>
      {canEdit && (
        <div className="flex shrink-0 gap-1 px-2 pb-2">
          {WAYS.map((way) => (
            <Button key={way} small className="flex-1" onClick={() => onPlace(asset, way, part)}>
              {saySource.ways[way]}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
};

type SourceKeysProps = {
  readonly toggle: () => void;
  readonly pause: () => void;
  readonly step: (frames: number) => void;
  readonly second: number;
  readonly markIn: () => void;
  readonly markOut: () => void;
  readonly clear: () => void;
  readonly go: (where: "in" | "out" | number) => void;
  readonly last: number;
  readonly onClose: () => void;
};

/** Answers the transport's commands for as long as the monitor has the focus. */
const SourceKeys = (keys: SourceKeysProps) => {
  const { step, second } = keys;
  useCommands({
    "play.toggle": keys.toggle,
    "play.forward": keys.toggle,
    "play.stop": keys.pause,
    "play.previous-frame": () => step(-1),
    "play.next-frame": () => step(1),
    "play.back-second": () => step(-second),
    "play.forward-second": () => step(second),
    "play.start": () => keys.go(0),
    "play.end": () => keys.go(keys.last),
    "range.in": keys.markIn,
    "range.out": keys.markOut,
    "range.clear": keys.clear,
    "range.go-in": () => keys.go("in"),
    "range.go-out": () => keys.go("out"),
    "select.none": keys.onClose,
  });
  return null;
};

type ScrubberProps = {
  readonly at: Flicks;
  readonly length: Flicks;
  readonly part: Part;
  readonly grid: { readonly num: number; readonly den: number };
  readonly onSeek: (at: number) => void;
};

const Scrubber = ({ at, length, part, grid, onSeek }: ScrubberProps) => {
  const share = (time: number): string => `${(100 * time) / Math.max(1, length)}%`;
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(((event.clientX - box.left) / box.width) * length);
  };
  const press = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const frames = steps[event.key];
    if (frames === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSeek(tick(Math.max(0, frameContaining(at, grid) + frames) as Frames, grid));
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={saySource.position}
      aria-valuemin={0}
      aria-valuemax={length / TICKS}
      aria-valuenow={at / TICKS}
      aria-valuetext={timecode(at, grid)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && drag(event)}
      onKeyDown={press}
      dir="ltr"
      className="relative mx-3 h-6 shrink-0 touch-none rounded-control"
    >
      <span className="absolute inset-x-0 top-2.5 h-1 rounded-full bg-hover" />
      <span
        className="absolute top-2.5 h-1 rounded-full bg-accent/60"
        style={{ left: share(part.from), width: share(part.to - part.from) }}
      />
      <span className="absolute top-1 h-4 w-0.5 bg-text" style={{ left: share(at) }} />
    </div>
  );
};
