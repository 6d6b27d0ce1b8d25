/**
 * Hands and keys on the timeline: the pointer, the commands, menus and what lands by a drop. Fetched
 * beside the document, so that the picture of the timeline waits for none of it.
 */
import { type DragEvent, lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { useCanWrite, useSession } from "@/collab/hooks";
import { sentenceOf, useEdit } from "@/collab/use-edit";
import { MenuAt, type MenuItem } from "@/components/ui/menu";
import { lengthOf } from "@/lib/asset-drag";
import { useRegistry } from "@/lib/keys/use-commands";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import type { Flicks } from "@/timeline-core/time";
import { menuItems } from "./clip-menu";
import { placeCommands, splitClip, splitCommands, transitionCommands } from "./edit-commands";
import type { Intent } from "./gestures/gesture";
import type { ClipNames } from "./model/build-view";
import type { Hit } from "./model/hit-test";
import type { ClipView } from "./model/view-model";
import { commandsOf, planned } from "./plan-intent";
import type { PointerPort } from "./pointer-port";
import type { TimelineCanvas } from "./timeline-canvas";
import { TimelinePointer } from "./timeline-pointer";
import { useTimelineUi } from "./timeline-ui";
import { useAssetDrop } from "./use-asset-drop";
import { useRemoteNews } from "./use-remote-news";
import type { Built } from "./use-timeline";
import { useTimelineCommands } from "./use-timeline-commands";
import { useTransport } from "./use-transport";

const MarkerDialog = lazy(() =>
  import("./marker-dialog").then((module) => ({ default: module.MarkerDialog })),
);

export type FileLanding = { readonly at: Flicks; readonly track: string | null };

/** What is dragged over the timeline from elsewhere. */
export type DropHandlers = {
  readonly onDragOver: (event: DragEvent) => void;
  readonly onDragLeave: () => void;
  readonly onDrop: (event: DragEvent) => void;
};

export type HandsProps = {
  readonly canvas: TimelineCanvas;
  readonly built: Built;
  readonly nameOf: ClipNames;
  readonly drop: RefObject<DropHandlers | null>;
  readonly onFiles: (files: readonly File[], where: FileLanding) => void;
  /** Told once hands are on the canvas, for the read-only inspection of the page. */
  readonly onReady: (canvas: TimelineCanvas | null) => void;
  readonly onPin: (id: string) => void;
  /** A title or captions were double-clicked: their words are wanted. */
  readonly onText: (clip: ClipView) => void;
};

type OpenMenu = {
  readonly at: { readonly x: number; readonly y: number };
  readonly items: readonly MenuItem[];
};

export const Hands = (props: HandsProps) => {
  const { canvas, built, nameOf, drop, onFiles, onReady, onPin, onText } = props;
  const { view, builder } = built;
  const canEdit = useCanWrite();
  const session = useSession();
  const { catalog } = useServices();
  const editing = useEdit();
  const registry = useRegistry();
  const selectGap = useTimelineUi((ui) => ui.selectGap);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [marker, setMarker] = useState<string | null>(null);
  useTransport(view);
  useRemoteNews(view);
  useTimelineCommands({ view, canEdit, canvas: () => canvas, onMarker: setMarker });

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
    openPin: onPin,
    openClip: (clip) => {
      if (clip.nested !== null) useStage.getState().openSequence(clip.nested);
      else if (clip.tone === "title" || clip.tone === "caption") onText(clip);
      else if (clip.asset !== null) useStage.getState().set({ source: clip.asset });
    },
    trimView: (trimView) => useStage.getState().set({ trimView }),
    presence: (part) => session.presence.set(part as Parameters<typeof session.presence.set>[0]),
  };
  const newest = useRef(port);
  newest.current = port;
  useEffect(() => {
    const pointer = new TimelinePointer(canvas, forwarding(newest));
    onReady(canvas);
    return () => {
      onReady(null);
      pointer.dispose();
    };
  }, [canvas, onReady]);

  const handlers = useAssetDrop({
    canvas: () => canvas,
    onAssets: (assets, { at, track, insert }) => {
      const lengths = new Map(assets.map((asset) => [asset.id, lengthOf(asset)]));
      const place = insert ? "insert" : "overwrite";
      const length = (id: string) => lengths.get(id) ?? 0;
      void editing.run(placeCommands(view, assets, { place, at, track }, length));
    },
    onFiles,
    onTransition: (kind, cut) => {
      // Sound knows one way to go over into sound.
      const sound = view.tracks.find(({ id }) => id === cut.left.track)?.kind === "audio";
      void editing.run(transitionCommands(view, cut, sound ? "crossfade" : kind));
    },
  });
  useEffect(() => {
    drop.current = canEdit ? handlers : null;
  });

  return (
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
  openPin: (id) => newest.current.openPin(id),
  openClip: (clip) => newest.current.openClip(clip),
  presence: (part) => newest.current.presence(part),
  trimView: (view) => newest.current.trimView(view),
});
