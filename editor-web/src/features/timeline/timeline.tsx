/** The timeline's panel: toolbar, headers, canvas, minimap, mirror, wired to the open project. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import { useCanWrite, useSession } from "@/collab/hooks";
import { sentenceOf, useEdit } from "@/collab/use-edit";
import { MenuAt, type MenuItem } from "@/components/ui/menu";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage, type View } from "@/lib/stage";
import type { Flicks } from "@/timeline-core/time";
import { menuItems } from "./clip-menu";
import { placeCommands, splitClip, splitCommands } from "./edit-commands";
import type { Intent } from "./gestures/gesture";
import { Minimap } from "./minimap";
import { TimelineMirror } from "./mirror";
import type { ClipNames } from "./model/build-view";
import type { Hit } from "./model/hit-test";
import { layOut, RULER_HEIGHT } from "./model/rows";
import type { ClipView } from "./model/view-model";
import { zoomedAt } from "./model/viewport";
import { commandsOf, planned } from "./plan-intent";
import type { PointerPort } from "./pointer-port";
import { TimelineCanvas } from "./timeline-canvas";
import { TimelinePointer } from "./timeline-pointer";
import { TimelineToolbar } from "./timeline-toolbar";
import { useTimelineUi } from "./timeline-ui";
import { TrackHeaders } from "./track-headers";
import { Transport } from "./transport";
import { lengthOf, useAssetDrop } from "./use-asset-drop";
import { useRemoteNews } from "./use-remote-news";
import { type Built, useMediaStore, usePeople } from "./use-timeline";
import { fitFilm, useTimelineCommands } from "./use-timeline-commands";
import { useTrackActions } from "./use-track-actions";
import { useTransport } from "./use-transport";

const MarkerDialog = lazy(() =>
  import("./marker-dialog").then((module) => ({ default: module.MarkerDialog })),
);

export type FileLanding = { readonly at: Flicks; readonly track: string | null };

type TimelineProps = {
  readonly built: Built;
  readonly nameOf: ClipNames;
  readonly typedDigit: { readonly digit: string; readonly serial: number } | null;
  readonly onFiles: (files: readonly File[], where: FileLanding) => void;
  /** Told the canvas, for the read-only inspection of the page. */
  readonly onCanvas: (canvas: TimelineCanvas | null) => void;
};

type OpenMenu = {
  readonly at: { readonly x: number; readonly y: number };
  readonly items: readonly MenuItem[];
};

export const Timeline = ({ built, nameOf, typedDigit, onFiles, onCanvas }: TimelineProps) => {
  const canEdit = useCanWrite();
  const session = useSession();
  const { catalog } = useServices();
  const editing = useEdit();
  const registry = useRegistry();
  const { view, builder } = built;
  const people = usePeople();
  const { gap, heights, selectGap } = useTimelineUi();
  const selection = useStage((stage) => stage.selection);
  const scrollTop = useStage((stage) => stage.view.top);
  const rows = useMemo(() => layOut(view, heights), [view, heights]);
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<TimelineCanvas | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [marker, setMarker] = useState<string | null>(null);
  const mediaChanged = useCallback(() => canvas.current?.mediaChanged(), []);
  const media = useMediaStore(mediaChanged);
  const actions = useTrackActions(view);
  useTransport(view);
  useRemoteNews(view);
  useTimelineCommands({ view, canEdit, canvas: () => canvas.current, onMarker: setMarker });

  const linkedNow = () => useStage.getState().linked;
  const port: PointerPort = {
    stage: useStage.getState,
    seek: (at) => {
      useStage.getState().pause();
      useStage.getState().seek(at);
    },
    select: (ids) => useStage.getState().select(ids),
    selectGap,
    setView: (part) => useStage.getState().setView(part),
    mayEdit: () => canEdit,
    plan: (intent: Intent) =>
      planned(
        commandsOf(intent, view, linkedNow()),
        {
          document: session.document.snapshot(),
          assets: catalog.table(),
          view,
          builder,
          nameOf,
          tried: (commands) => session.tried(commands),
        },
        (refused) => sentenceOf(refused.code),
      ),
    commit: (intent) => void editing.run(commandsOf(intent, view, linkedNow())),
    splitAt: (clip, at) => {
      const choice = { view, selection: [], linked: linkedNow(), playhead: at };
      void editing.run(clip ? splitClip(clip.id, at, linkedNow()) : splitCommands(choice));
    },
    openMenu: (hit: Hit, at, page) => {
      if (!canEdit) return;
      const run = (commands: Parameters<typeof editing.run>[0]) => void editing.run(commands);
      setMenu({ at: page, items: menuItems(hit, at, { view, run, registry, selectGap }) });
    },
    openMarker: setMarker,
    presence: (part) => session.presence.set(part as Parameters<typeof session.presence.set>[0]),
  };
  const newest = useRef(port);
  newest.current = port;

  useEffect(() => {
    if (!host.current) return;
    const stage = {
      get: useStage.getState,
      subscribe: useStage.subscribe,
      setView: useStage.getState().setView,
    };
    const made = new TimelineCanvas(host.current, stage, media);
    const pointer = new TimelinePointer(made, forwarding(newest));
    canvas.current = made;
    onCanvas(made);
    return () => {
      onCanvas(null);
      canvas.current = null;
      pointer.dispose();
      made.dispose();
    };
  }, [media, onCanvas]);
  useEffect(() => canvas.current?.show(view, heights), [view, heights]);
  useEffect(() => canvas.current?.showPeople(people), [people]);
  useEffect(() => canvas.current?.showGap(gap), [gap]);
  useFitFilm(
    canvas.current,
    view.duration,
    useStage((stage) => stage.view.width),
  );

  const drop = useAssetDrop({
    canvas: () => canvas.current,
    onAssets: (assets, { at, track, insert }) => {
      const lengths = new Map(assets.map((asset) => [asset.id, lengthOf(asset)]));
      const place = insert ? "insert" : "overwrite";
      const length = (id: string) => lengths.get(id) ?? 0;
      void editing.run(placeCommands(view, assets, { place, at, track }, length));
    },
    onFiles,
  });
  const showFocus = useCallback(
    (clip: ClipView | null) => canvas.current?.showFocus(clip?.id ?? null),
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
        <div
          className="relative min-w-0 flex-1 overflow-hidden bg-canvas"
          {...(canEdit ? drop : {})}
        >
          <div ref={host} data-testid="timeline-canvas" className="absolute inset-0 touch-none" />
          {empty && <EmptyTimeline />}
          <TimelineMirror
            view={view}
            selection={selection}
            onFocusClip={showFocus}
            onSelect={(ids) => useStage.getState().select(ids)}
            onLeave={() => host.current?.closest<HTMLElement>("[data-region]")?.focus()}
          />
        </div>
      </div>
      <Minimap view={view} />
      <Suspense>
        {menu && (
          <MenuAt
            label={say.timeline.clipMenu}
            items={menu.items}
            at={menu.at}
            onClose={() => setMenu(null)}
          />
        )}
        {marker && <MarkerDialog id={marker} view={view} onClose={() => setMarker(null)} />}
      </Suspense>
    </section>
  );
};

/** A port that always asks the newest one: the canvas outlives the closures of a drawing. */
const forwarding = (newest: { readonly current: PointerPort }): PointerPort => ({
  stage: () => newest.current.stage(),
  seek: (at) => newest.current.seek(at),
  select: (ids) => newest.current.select(ids),
  selectGap: (gap) => newest.current.selectGap(gap),
  setView: (view) => newest.current.setView(view),
  mayEdit: () => newest.current.mayEdit(),
  plan: (intent) => newest.current.plan(intent),
  commit: (intent) => newest.current.commit(intent),
  splitAt: (clip, at) => newest.current.splitAt(clip, at),
  openMenu: (hit, at, page) => newest.current.openMenu(hit, at, page),
  openMarker: (id) => newest.current.openMarker(id),
  presence: (part) => newest.current.presence(part),
});

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
