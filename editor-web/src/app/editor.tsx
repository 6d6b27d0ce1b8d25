/** The editor: every panel in its place, and what only all of them together can do. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useCanWrite, useSession } from "@/collab/hooks";
import { classNames } from "@/components/ui/class-names";
import { Splitter, useRememberedSize } from "@/components/ui/splitter";
import { PanelBoundary } from "@/components/ui/states";
import { putExport } from "@/features/exports/use-exports";
import { assetsKey } from "@/features/media/placing";
import { usePresence } from "@/features/presence/use-presence";
import type { PreviewEngine } from "@/features/preview/engine";
import type { ClipView } from "@/features/timeline/model/view-model";
import { Timeline } from "@/features/timeline/timeline";
import type { TimelineCanvas } from "@/features/timeline/timeline-canvas";
import { useClipNames, useTimelineView } from "@/features/timeline/use-timeline";
import { useTitleUi } from "@/features/titles/title-ui";
import { threadsKey } from "@/lib/api/comments";
import { listenToEvents } from "@/lib/api/events";
import type { Project } from "@/lib/api/types";
import { putWallet } from "@/lib/api/wallet";
import { CommandProvider, useCommands, useRegistry } from "@/lib/keys/use-commands";
import { useAnnouncer } from "@/lib/messages/announce";
import { say } from "@/lib/messages/screens";
import { usePreferences } from "@/lib/preferences";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { nextTheme, themeOf } from "@/lib/theme";
import { toast } from "@/lib/toast";
import { TICKS } from "@/timeline-core/time";
import { Dialogs } from "./dialogs";
import { useInspection } from "./inspection";
import { Library } from "./library";
import { addressOf, useAddress } from "./moment";
import { type OpenDialog, projectKey } from "./names";
import { Opening } from "./opening";
import { useMe } from "./signed-in";
import { StageArea } from "./stage-area";
import { TopBar } from "./top-bar";
import { useAccountPreferences } from "./use-account-preferences";
import { useComments } from "./use-comments";
import { useNarrow } from "./use-narrow";
import { usePanels } from "./use-panels";
import { usePlacing } from "./use-placing";
import { usePlaying } from "./use-playing";

const Inspector = lazy(() =>
  import("@/features/inspector/inspector").then((module) => ({ default: module.Inspector })),
);

const Review = lazy(() => import("./review").then((module) => ({ default: module.Review })));

const LEFT = { usual: 280, min: 200, max: 480 } as const;
const INSPECTOR = { usual: 280, min: 240, max: 400 } as const;
const TIMELINE = { usual: 300, min: 160 } as const;

type EditorProps = { readonly project: Project; readonly part?: string | undefined };

export const Editor = (props: EditorProps) => {
  const [digit, setDigit] = useState<{ digit: string; serial: number } | null>(null);
  const serial = useRef(0);
  const typed = (pressed: string): void => {
    serial.current += 1;
    setDigit({ digit: pressed, serial: serial.current });
  };
  return (
    <CommandProvider onDigit={typed}>
      <Panels {...props} digit={digit} />
    </CommandProvider>
  );
};

type PanelsProps = EditorProps & {
  readonly digit: { readonly digit: string; readonly serial: number } | null;
};

const Panels = ({ project, part, digit }: PanelsProps) => {
  const nameOf = useClipNames();
  const built = useTimelineView(nameOf);
  const { view } = built;
  const registry = useRegistry();
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<OpenDialog | null>(part === "exports" ? "history" : null);
  const [drawer, setDrawer] = useState(false);
  const [left, setLeft] = useRememberedSize("left", LEFT.usual);
  const [right, setRight] = useRememberedSize("inspector", INSPECTOR.usual);
  const [bottom, setBottom] = useRememberedSize("timeline", TIMELINE.usual);
  const canvas = useRef<TimelineCanvas | null>(null);
  const engine = useRef<PreviewEngine | null>(null);
  const onCanvas = useCallback((made: TimelineCanvas | null) => {
    canvas.current = made;
  }, []);
  const onEngine = useCallback((made: PreviewEngine | null) => {
    engine.current = made;
  }, []);
  const alone = usePanels();
  const canEdit = useCanWrite();
  const isGuest = useMe().kind === "guest";
  const narrow = useNarrow();
  useShownSequence();
  usePlaying(engine, view.duration, (TICKS * view.rate.den) / view.rate.num);
  usePresence(view.sequence);
  useAccountPreferences();
  const comments = useComments(project.id, view);
  useAddress(view);
  useInspection(canvas, engine);
  useServerEvents(project);

  const { place, placePart, addTitle, addTransition, files } = usePlacing(project.workspace, view);
  useCommands({
    "edit.title": () => void addTitle(null),
    "project.export": () => {
      if (isGuest) return void toast(say.top.exportAsks);
      // What is exported is the main sequence: nobody should count another one's problems.
      if (useStage.getState().sequence !== null) useStage.getState().openSequence(null);
      setDialog("export");
    },
    "project.shortcuts": () => setDialog("shortcuts"),
    "project.palette": () => setDialog("palette"),
    "project.save": () => (canEdit ? setDialog("version") : toast(say.top.alreadySaved)),
    "view.theme": () => {
      const { values, put } = usePreferences.getState();
      put({ theme: nextTheme(themeOf(values.theme)) });
    },
    "project.language": () => setDialog("look"),
    "view.captions": () => useStage.getState().set({ tab: "captions" }),
  });
  const close = (): void => {
    setDialog(null);
    if (part === "exports") navigate(`/p/${project.id}`, { replace: true });
  };
  const bottomMax = Math.max(TIMELINE.min, window.innerHeight * 0.6);

  if (narrow) {
    return (
      <Suspense fallback={<Opening />}>
        <Review {...{ project, view, onEngine }} pins={comments.pins} />
        <LiveRegion />
      </Suspense>
    );
  }
  return (
    <div
      data-alone={alone ?? undefined}
      className="flex h-dvh min-w-0 flex-col overflow-hidden bg-canvas"
    >
      <TopBar
        project={project}
        onOpen={(wanted) =>
          wanted === "export" ? registry.run("project.export") : setDialog(wanted)
        }
        drawer={drawer}
        onDrawer={() => setDrawer(!drawer)}
      />
      <div data-pane="upper" className="flex min-h-0 flex-1">
        <Library
          {...{ project, view, place }}
          width={left}
          onTitle={(preset) => void addTitle(preset)}
          onTransition={(kind) => void addTransition(kind)}
          onFiles={(list) => files(list, null)}
        />
        <Splitter label={say.panels.leftResize} axis="x" size={left} {...LEFT} onSize={setLeft} />
        <StageArea project={project.id} view={view} onEngine={onEngine} onPlacePart={placePart} />
        <span className="contents">
          <span className="contents max-lg:hidden">
            <Splitter
              label={say.panels.inspectorResize}
              axis="x"
              size={right}
              {...INSPECTOR}
              direction={-1}
              onSize={setRight}
            />
          </span>
          <aside
            data-region="inspector"
            data-pane="inspector"
            tabIndex={-1}
            style={{ width: right }}
            className={classNames(
              "shrink-0 outline-none max-lg:fixed max-lg:end-0 max-lg:top-11 max-lg:bottom-0 max-lg:z-20 max-lg:border-divider max-lg:border-s max-lg:shadow-2xl max-lg:shadow-canvas",
              !drawer && "max-lg:hidden",
            )}
          >
            <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
              <Suspense>
                <Inspector workspace={project.workspace} />
              </Suspense>
            </PanelBoundary>
          </aside>
        </span>
      </div>
      <Splitter
        label={say.timeline.resize}
        axis="y"
        size={Math.min(bottom, bottomMax)}
        min={TIMELINE.min}
        max={bottomMax}
        usual={TIMELINE.usual}
        direction={-1}
        onSize={setBottom}
      />
      <div
        data-pane="timeline"
        className="shrink-0"
        style={{ height: Math.min(bottom, bottomMax) }}
      >
        <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
          <Timeline
            built={built}
            nameOf={nameOf}
            typedDigit={digit}
            onFiles={files}
            onCanvas={onCanvas}
            pins={comments.pins}
            onPin={comments.open}
            onText={typeWords}
          />
        </PanelBoundary>
      </div>
      <LiveRegion />
      <Dialogs project={project} open={dialog} here={() => addressOf(view)} onClose={close} />
    </div>
  );
};

/** The words of a clip, where they are written: captions in their list, a title on the picture. */
function typeWords(clip: ClipView): void {
  const { playhead, seek, set } = useStage.getState();
  if (clip.tone === "caption") {
    set({ tab: "captions" });
    return;
  }
  const isShown = clip.start <= playhead && playhead < clip.start + clip.duration;
  if (!isShown) seek(clip.start);
  useTitleUi.getState().type(clip.id);
}

const LiveRegion = () => (
  <p role="status" aria-live="polite" className="sr-only">
    {useAnnouncer((announcer) => announcer.message)}
  </p>
);

/** The preview follows the sequence that the timeline shows. */
function useShownSequence(): void {
  const { shown } = useSession();
  const sequence = useStage((stage) => stage.sequence);
  useEffect(() => shown.set(sequence), [shown, sequence]);
}

/** Exports, media and the project itself, as the server tells of them. */
function useServerEvents({ id, workspace }: Project): void {
  const { env, catalog } = useServices();
  const queries = useQueryClient();
  useEffect(
    () =>
      listenToEvents({
        url: `${env.apiUrl}/events?project=${id}`,
        onEvent: (event) => {
          if (event.type === "reset") void queries.invalidateQueries();
          if (event.type === "export") putExport(queries, id, event.export);
          if (event.type === "wallet") putWallet(queries, event.wallet);
          if (event.type === "comment")
            void queries.invalidateQueries({ queryKey: threadsKey(id) });
          if (event.type === "project")
            void queries.invalidateQueries({ queryKey: projectKey(id) });
          if (event.type !== "asset") return;
          const isNew = catalog.asset(event.asset.id) === undefined;
          catalog.put(event.asset);
          if (isNew) void queries.invalidateQueries({ queryKey: assetsKey(workspace) });
        },
      }),
    [env, catalog, queries, id, workspace],
  );
}
