/** The timeline's panel: toolbar, headers, canvas, minimap, mirror, wired to the open project. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import { useCanWrite } from "@/collab/hooks";
import { say } from "@/lib/messages/screens";
import { useStage, type View } from "@/lib/stage";
import type { Flicks } from "@/timeline-core/time";
import { fitFilm } from "./fit-film";
import type { DropHandlers, FileLanding } from "./hands";
import type { ClipNames } from "./model/build-view";
import { layOut, MINIMAP_HEIGHT, RULER_HEIGHT } from "./model/rows";
import type { ClipView, PinView } from "./model/view-model";
import { zoomedAt } from "./model/viewport";
import { TimelineCanvas } from "./timeline-canvas";
import { TimelineToolbar } from "./timeline-toolbar";
import { useTimelineUi } from "./timeline-ui";
import { TrackHeaders } from "./track-headers";
import { Transport } from "./transport";
import { type Built, useMediaStore, usePeople } from "./use-timeline";
import { useTrackActions } from "./use-track-actions";

// Asked for now, so that they come while the document does; what is drawn does not wait for them.
const fetchHands = () => import("./hands");
fetchHands().catch(() => undefined); // the panel says what went wrong, when it asks again
const TimelineMirror = lazy(() =>
  import("./mirror").then((module) => ({ default: module.TimelineMirror })),
);
const Minimap = lazy(() => import("./minimap").then((module) => ({ default: module.Minimap })));
const Hands = lazy(() => fetchHands().then((module) => ({ default: module.Hands })));

type TimelineProps = {
  readonly built: Built;
  readonly nameOf: ClipNames;
  readonly typedDigit: { readonly digit: string; readonly serial: number } | null;
  readonly onFiles: (files: readonly File[], where: FileLanding) => void;
  /** Told the canvas, for the read-only inspection of the page. */
  readonly onCanvas: (canvas: TimelineCanvas | null) => void;
  readonly pins: readonly PinView[];
  readonly onPin: (id: string) => void;
  /** A title or captions were double-clicked: their words are wanted. */
  readonly onText: (clip: ClipView) => void;
};

export const Timeline = (props: TimelineProps) => {
  const { built, nameOf, typedDigit, onFiles, onCanvas, pins, onPin, onText } = props;
  const canEdit = useCanWrite();
  const { view } = built;
  const people = usePeople();
  const { gap, heights } = useTimelineUi();
  const selection = useStage((stage) => stage.selection);
  const scrollTop = useStage((stage) => stage.view.top);
  const rows = useMemo(() => layOut(view, heights), [view, heights]);
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<TimelineCanvas | null>(null);
  const [shown, setShown] = useState<TimelineCanvas | null>(null);
  const drop = useRef<DropHandlers | null>(null);
  const mediaChanged = useCallback(() => canvas.current?.mediaChanged(), []);
  const media = useMediaStore(mediaChanged);
  const actions = useTrackActions(view);
  useEffect(() => {
    if (!host.current) return;
    const stage = {
      get: useStage.getState,
      subscribe: useStage.subscribe,
      setView: useStage.getState().setView,
    };
    const made = new TimelineCanvas(host.current, stage, media);
    canvas.current = made;
    setShown(made);
    return () => {
      setShown(null);
      canvas.current = null;
      made.dispose();
    };
  }, [media]);
  useEffect(() => canvas.current?.show(view, heights), [view, heights]);
  useEffect(() => canvas.current?.showPeople(people), [people]);
  useEffect(() => canvas.current?.showGap(gap), [gap]);
  useEffect(() => canvas.current?.showPins(pins), [pins]);
  useFitFilm(
    canvas.current,
    view.duration,
    useStage((stage) => stage.view.width),
  );

  const showFocus = useCallback(
    (clip: ClipView | null) => canvas.current?.showFocus(clip?.id ?? null),
    [],
  );
  const leaveMirror = useCallback(
    () => host.current?.closest<HTMLElement>("[data-region]")?.focus(),
    [],
  );
  const empty = view.tracks.every((track) => track.clips.length === 0);

  return (
    <section
      aria-label={say.timeline.region}
      data-region="timeline"
      tabIndex={-1}
      className="flex h-full min-h-0 flex-col bg-panel outline-none"
    >
      <TimelineToolbar
        canEdit={canEdit}
        framesPerSecond={view.rate.num / view.rate.den}
        onZoom={(pixelsPerSecond) => zoomTo(canvas.current, pixelsPerSecond)}
      >
        <Transport
          rate={view.rate}
          startTc={view.startTc}
          duration={view.duration}
          typedDigit={typedDigit}
        />
      </TimelineToolbar>
      <div className="flex min-h-0 flex-1">
        <TrackHeaders
          view={view}
          rows={rows}
          scrollY={scrollTop}
          canEdit={canEdit}
          actions={actions}
        />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a file may be dropped; a button does the same */}
        <div
          className="relative min-w-0 flex-1 overflow-hidden bg-canvas"
          onDragOver={(event) => drop.current?.onDragOver(event)}
          onDragLeave={() => drop.current?.onDragLeave()}
          onDrop={(event) => drop.current?.onDrop(event)}
        >
          <div ref={host} data-testid="timeline-canvas" className="absolute inset-0 touch-none" />
          {empty && <EmptyTimeline />}
          <Suspense>
            <TimelineMirror
              view={view}
              selection={selection}
              onFocusClip={showFocus}
              onSelect={useStage.getState().select}
              onLeave={leaveMirror}
            />
          </Suspense>
        </div>
      </div>
      <div style={{ height: MINIMAP_HEIGHT }} className="shrink-0">
        <Suspense>
          <Minimap view={view} />
        </Suspense>
      </div>
      <Suspense>
        {shown && (
          <Hands
            {...{ built, nameOf, drop, onFiles, onPin, onText }}
            canvas={shown}
            onReady={onCanvas}
          />
        )}
      </Suspense>
    </section>
  );
};

function zoomTo(canvas: TimelineCanvas | null, pixelsPerSecond: number): void {
  if (!canvas) return;
  const { viewport, view } = canvas;
  const { playhead, setView } = useStage.getState();
  const x = ((playhead - viewport.from) / 705_600_000) * viewport.pixelsPerSecond;
  const at = x >= 0 && x <= viewport.width ? x : viewport.width / 2;
  const factor = pixelsPerSecond / viewport.pixelsPerSecond;
  const zoomed = zoomedAt(viewport, factor, at, view.rate.num / view.rate.den);
  setView({ from: zoomed.from, pixelsPerSecond: zoomed.pixelsPerSecond });
}

/** The whole film is shown, and again as it grows, until somebody chooses another window. */
function useFitFilm(canvas: TimelineCanvas | null, duration: Flicks, width: number): void {
  const fitted = useRef<Pick<View, "from" | "pixelsPerSecond"> | null>(null);
  useEffect(() => {
    if (!canvas || duration === 0 || width === 0) return;
    const { view } = useStage.getState();
    const untouched =
      fitted.current === null ||
      (view.from === fitted.current.from &&
        view.pixelsPerSecond === fitted.current.pixelsPerSecond);
    if (!untouched) return;
    fitFilm(canvas);
    fitted.current = useStage.getState().view;
  }, [canvas, duration, width]);
}

const EmptyTimeline = () => (
  <div
    className="pointer-events-none absolute inset-x-0 bottom-0 grid place-items-center"
    style={{ top: RULER_HEIGHT }}
  >
    <p className="rounded-panel border border-divider border-dashed bg-panel/80 px-6 py-4 text-dim">
      {say.timeline.empty} {say.timeline.emptyOr}{" "}
      <Link
        href="/?sample"
        className="pointer-events-auto rounded-control text-accent underline underline-offset-2"
      >
        {say.timeline.emptySample}
      </Link>
    </p>
  </div>
);
