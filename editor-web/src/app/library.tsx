/** The left panel: media, titles, captions, comments; each fetched when it is first shown. */
import { Captions, Film, MessageSquare, Type } from "lucide-react";
import { lazy, Suspense } from "react";
import { useCanWrite } from "@/collab/hooks";
import { PanelBoundary } from "@/components/ui/states";
import { Tabs } from "@/components/ui/tabs";
import type { Placing } from "@/features/media/placing";
import type { TimelineView } from "@/features/timeline/model/view-model";
import type { TitlePreset } from "@/features/titles/presets";
import type { Asset, Project } from "@/lib/api/types";
import { say } from "@/lib/messages/screens";
import { type PanelTab, useStage } from "@/lib/stage";
import { useRested } from "@/lib/use-rested";
import { useMe } from "./signed-in";
import { useCommentsScene, useMayComment } from "./use-comments";

// Asked for now, so that it comes while the document does; the timeline does not wait for it.
const mediaPanel = import("@/features/media/media-panel");
mediaPanel.catch(() => undefined); // the panel itself says what went wrong

const MediaPanel = lazy(() => mediaPanel.then((module) => ({ default: module.MediaPanel })));
const CommentsPanel = lazy(() =>
  import("@/features/comments/comments-panel").then((module) => ({
    default: module.CommentsPanel,
  })),
);
const CaptionsPanel = lazy(() =>
  import("@/features/captions/captions-panel").then((module) => ({
    default: module.CaptionsPanel,
  })),
);
const TextPanel = lazy(() =>
  import("@/features/titles/text-panel").then((module) => ({ default: module.TextPanel })),
);

const CoachMarks = lazy(() =>
  import("./coach-marks").then((module) => ({ default: module.CoachMarks })),
);

type LibraryProps = {
  readonly project: Project;
  readonly view: TimelineView;
  readonly width: number;
  readonly place: (assets: readonly Asset[], how: Placing) => void;
  readonly onTitle: (preset: TitlePreset) => void;
  readonly onTransition: (kind: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
};

const tabs = () =>
  [
    { id: "media", label: say.media.tab, icon: Film },
    { id: "text", label: say.text.tab, icon: Type },
    { id: "captions", label: say.panels.captions, icon: Captions },
    { id: "comments", label: say.top.comments, icon: MessageSquare },
  ] as const;

export const Library = (props: LibraryProps) => {
  const { project, view, width, place, onTitle, onTransition, onFiles } = props;
  const tab = useStage((stage) => stage.tab);
  const set = useStage((stage) => stage.set);
  const shown: PanelTab = tab === "audio" ? "media" : tab;
  return (
    <aside
      data-region="library"
      data-pane="library"
      tabIndex={-1}
      aria-label={say.panels.left}
      style={{ width }}
      className="flex min-h-0 shrink-0 flex-col bg-panel outline-none"
    >
      <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
        <Tabs
          compact
          label={say.panels.left}
          tabs={tabs()}
          shown={shown}
          onShow={(id) => set({ tab: id })}
        >
          <Suspense>
            {shown === "media" && (
              <MediaPanel
                workspace={project.workspace}
                onPlace={place}
                onFiles={onFiles}
                onSource={(asset) => set({ source: asset.id })}
              />
            )}
            {shown === "text" && <TextPanel onAdd={onTitle} onTransition={onTransition} />}
            {shown === "captions" && <CaptionsPanel view={view} />}
            {shown === "comments" && <Comments project={project} view={view} />}
          </Suspense>
        </Tabs>
      </PanelBoundary>
      {/* In a place of its own: over the tracks it would lie on what people reach for. */}
      <Suspense>{useRested() && <CoachMarks />}</Suspense>
    </aside>
  );
};

const Comments = ({ project, view }: Pick<LibraryProps, "project" | "view">) => (
  <CommentsPanel
    project={project.id}
    me={useMe().id}
    scene={useCommentsScene(view)}
    mayComment={useMayComment()}
    mayEdit={useCanWrite()}
  />
);
