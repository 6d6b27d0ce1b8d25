/** The middle of the editor: the preview with what lies over it, and beside it the source monitor. */
import { lazy, Suspense, useSyncExternalStore } from "react";
import { useCanWrite } from "@/collab/hooks";
import { PanelBoundary } from "@/components/ui/states";
import type { Placing } from "@/features/media/placing";
import type { Part } from "@/features/media/source-monitor";
import type { PreviewEngine } from "@/features/preview/engine";
import { PreviewPanel } from "@/features/preview/preview-panel";
import type { TimelineView } from "@/features/timeline/model/view-model";
import type { Asset } from "@/lib/api/types";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { useRested } from "@/lib/use-rested";

const SourceMonitor = lazy(() =>
  import("@/features/media/source-monitor").then((module) => ({ default: module.SourceMonitor })),
);
const TrimView = lazy(() =>
  import("@/features/trim/trim-view").then((module) => ({ default: module.TrimView })),
);

const PictureLayer = lazy(() =>
  import("./picture-layer").then((module) => ({ default: module.PictureLayer })),
);
const DrawingLayer = lazy(() =>
  import("@/features/comments/drawing-layer").then((module) => ({ default: module.DrawingLayer })),
);

type StageAreaProps = {
  readonly project: string;
  readonly view: TimelineView;
  readonly onEngine: (engine: PreviewEngine | null) => void;
  readonly onPlacePart: (asset: Asset, how: Placing, part: Part) => void;
};

export const StageArea = ({ project, view, onEngine, onPlacePart }: StageAreaProps) => {
  const rested = useRested();
  return (
    <main
      data-region="preview"
      data-pane="preview"
      tabIndex={-1}
      aria-label={say.preview.region}
      className="flex min-w-0 flex-1 outline-none"
    >
      <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
        <Source onPlacePart={onPlacePart} />
        <div className="relative min-w-0 flex-1">
          <PreviewPanel onEngine={onEngine}>
            {rested && (
              <Suspense>
                <PictureLayer view={view} />
                <DrawingLayer project={project} size={view.size} />
              </Suspense>
            )}
          </PreviewPanel>
          {rested && (
            <Suspense>
              <TrimView />
            </Suspense>
          )}
        </div>
      </PanelBoundary>
    </main>
  );
};

const Source = ({ onPlacePart }: Pick<StageAreaProps, "onPlacePart">) => {
  const { catalog } = useServices();
  const canEdit = useCanWrite();
  const id = useStage((stage) => stage.source);
  const asset = useSyncExternalStore(
    (listener) => catalog.subscribe(listener),
    () => (id === null ? null : (catalog.asset(id) ?? null)),
  );
  if (!asset) return null;
  return (
    <Suspense>
      <SourceMonitor
        key={asset.id}
        asset={asset}
        canEdit={canEdit}
        onPlace={onPlacePart}
        onClose={() => useStage.getState().set({ source: null })}
      />
    </Suspense>
  );
};
