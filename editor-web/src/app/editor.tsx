/** The editor: every panel in its place, and what only all of them together can do. */
import { useQueryClient } from "@tanstack/react-query";
import { Film, Type } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useEdit } from "@/collab/use-edit";
import { classNames } from "@/components/ui/class-names";
import { Splitter, useRememberedSize } from "@/components/ui/splitter";
import { PanelBoundary } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import { putExport } from "@/features/exports/use-exports";
import { assetsKey, draggedOf, type Placing } from "@/features/media/placing";
import { usePresence } from "@/features/presence/use-presence";
import type { PreviewEngine } from "@/features/preview/engine";
import { PreviewPanel } from "@/features/preview/preview-panel";
import { placeCommands, titleCommands } from "@/features/timeline/edit-commands";
import { Timeline } from "@/features/timeline/timeline";
import type { TimelineCanvas } from "@/features/timeline/timeline-canvas";
import { lengthOf } from "@/features/timeline/use-asset-drop";
import { useClipNames, useTimelineView } from "@/features/timeline/use-timeline";
import { TITLE_PRESETS, type TitlePreset } from "@/features/titles/presets";
import { listenToEvents } from "@/lib/api/events";
import type { Asset, Project } from "@/lib/api/types";
import { CommandProvider, useCommands } from "@/lib/keys/use-commands";
import { useAnnouncer } from "@/lib/messages/announce";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { type PanelTab, useStage } from "@/lib/stage";
import { toast } from "@/lib/toast";
import { TICKS } from "@/timeline-core/time";
import { useInspection } from "./inspection";
import { addressOf, useAddress } from "./moment";
import { type OpenDialog, projectKey } from "./names";
import { TopBar } from "./top-bar";
import { useFilesLanding } from "./use-files-landing";

// Asked for now, so that they come while the document does; the timeline does not wait for them.
const mediaPanel = import("@/features/media/media-panel");
mediaPanel.catch(() => undefined); // the panel itself says what went wrong

const MediaPanel = lazy(() => mediaPanel.then((module) => ({ default: module.MediaPanel })));
const TextPanel = lazy(() =>
  import("@/features/titles/text-panel").then((module) => ({ default: module.TextPanel })),
);
const Inspector = lazy(() =>
  import("@/features/inspector/inspector").then((module) => ({ default: module.Inspector })),
);
const ExportDialog = lazy(() =>
  import("@/features/exports/export-dialog").then((module) => ({ default: module.ExportDialog })),
);
const ExportHistory = lazy(() =>
  import("@/features/exports/export-history").then((module) => ({ default: module.ExportHistory })),
);
const ExportTray = lazy(() =>
  import("@/features/exports/export-tray").then((module) => ({ default: module.ExportTray })),
);
const ShareDialog = lazy(() =>
  import("@/features/share/share-dialog").then((module) => ({ default: module.ShareDialog })),
);
const ShortcutsDialog = lazy(() =>
  import("@/features/shortcuts/shortcuts-dialog").then((module) => ({
    default: module.ShortcutsDialog,
  })),
);
const CommandPalette = lazy(() =>
  import("@/features/shortcuts/command-palette").then((module) => ({
    default: module.CommandPalette,
  })),
);

const TITLE_SECONDS = 4;
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
  const editing = useEdit();
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
  usePresence(view.sequence);
  useAddress(view);
  useInspection(canvas, engine);
  useServerEvents(project);

  const place = (assets: readonly Asset[], how: Placing): void => {
    const dragged = assets.map(draggedOf);
    const lengths = new Map(dragged.map((asset) => [asset.id, lengthOf(asset)]));
    const { playhead } = useStage.getState();
    const where = { place: how, at: playhead, track: null };
    void editing.run(placeCommands(view, dragged, where, (id) => lengths.get(id) ?? 0));
  };
  const addTitle = async (preset: TitlePreset): Promise<void> => {
    const text = say.text.sample[preset.id];
    const duration = TITLE_SECONDS * TICKS;
    const { playhead, select } = useStage.getState();
    const created = await editing.run(
      titleCommands(view, playhead, { text, duration, values: preset.values }),
    );
    const clip = created?.["clip"];
    if (clip) select([clip]);
  };
  const files = useFilesLanding(project.workspace, (landed, where) => {
    const dragged = landed.map(draggedOf);
    const lengths = new Map(dragged.map((asset) => [asset.id, lengthOf(asset)]));
    void editing.run(
      placeCommands(view, dragged, { place: "overwrite", ...where }, (id) => lengths.get(id) ?? 0),
    );
  });
  useCommands({
    "edit.title": () => void addTitle(TITLE_PRESETS[0] as TitlePreset),
    "project.export": () => setDialog("export"),
    "project.shortcuts": () => setDialog("shortcuts"),
    "project.palette": () => setDialog("palette"),
    "project.save": () => void toast(say.top.alreadySaved),
    "view.region": nextRegion,
  });
  const close = (): void => {
    setDialog(null);
    if (part === "exports") navigate(`/p/${project.id}`, { replace: true });
  };
  const bottomMax = Math.max(TIMELINE.min, window.innerHeight * 0.6);

  return (
    <div className="flex h-dvh min-w-0 flex-col overflow-hidden bg-canvas">
      <TopBar
        project={project}
        onOpen={setDialog}
        drawer={drawer}
        onDrawer={() => setDrawer(!drawer)}
      />
      <div className="flex min-h-0 flex-1">
        <Library
          {...{ project, place }}
          width={left}
          onTitle={(preset) => void addTitle(preset)}
          onFiles={(list) => files(list, null)}
        />
        <Splitter label={say.panels.leftResize} axis="x" size={left} {...LEFT} onSize={setLeft} />
        <main
          data-region="preview"
          tabIndex={-1}
          aria-label={say.preview.region}
          className="min-w-0 flex-1 outline-none"
        >
          <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
            <PreviewPanel onEngine={onEngine} />
          </PanelBoundary>
        </main>
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
            tabIndex={-1}
            style={{ width: right }}
            className={classNames(
              "shrink-0 outline-none max-lg:fixed max-lg:end-0 max-lg:top-11 max-lg:bottom-0 max-lg:z-20 max-lg:border-divider max-lg:border-s max-lg:shadow-2xl max-lg:shadow-canvas",
              !drawer && "max-lg:hidden",
            )}
          >
            <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
              <Suspense>
                <Inspector />
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
      <div className="shrink-0" style={{ height: Math.min(bottom, bottomMax) }}>
        <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
          <Timeline
            built={built}
            nameOf={nameOf}
            typedDigit={digit}
            onFiles={files}
            onCanvas={onCanvas}
          />
        </PanelBoundary>
      </div>
      <LiveRegion />
      <Suspense>
        <ExportTray project={project.id} />
        {dialog === "export" && <ExportDialog project={project.id} onClose={close} />}
        {dialog === "history" && <ExportHistory project={project.id} onClose={close} />}
        {dialog === "share" && (
          <ShareDialog project={project.id} here={() => addressOf(view)} onClose={close} />
        )}
        {dialog === "shortcuts" && <ShortcutsDialog onClose={close} />}
        {dialog === "palette" && <CommandPalette onClose={close} />}
      </Suspense>
    </div>
  );
};

type LibraryProps = {
  readonly project: Project;
  readonly width: number;
  readonly place: (assets: readonly Asset[], how: Placing) => void;
  readonly onTitle: (preset: TitlePreset) => void;
  readonly onFiles: (files: readonly File[]) => void;
};

const TABS = [
  { id: "media", label: say.media.tab, icon: Film },
  { id: "text", label: say.text.tab, icon: Type },
] as const;

const Library = ({ project, width, place, onTitle, onFiles }: LibraryProps) => {
  const tab = useStage((stage) => stage.tab);
  const set = useStage((stage) => stage.set);
  const shown: PanelTab = tab === "text" ? "text" : "media";
  return (
    <aside
      data-region="library"
      tabIndex={-1}
      aria-label={say.panels.left}
      style={{ width }}
      className="flex min-h-0 shrink-0 flex-col bg-panel outline-none"
    >
      <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
        <Tabs label={say.panels.left} tabs={TABS} shown={shown} onShow={(id) => set({ tab: id })}>
          <Suspense>
            {shown === "media" ? (
              <MediaPanel workspace={project.workspace} onPlace={place} onFiles={onFiles} />
            ) : (
              <TextPanel onAdd={onTitle} />
            )}
          </Suspense>
        </Tabs>
      </PanelBoundary>
    </aside>
  );
};

const LiveRegion = () => (
  <p role="status" aria-live="polite" className="sr-only">
    {useAnnouncer((announcer) => announcer.message)}
  </p>
);

/** F6 goes round the regions, so that no panel is a trap for the keyboard. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null,
  );
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  regions[(at + 1) % regions.length]?.focus();
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
