/** On a phone: watch, go through the film, read and write comments. Cutting needs more room. */
import { ChevronLeft } from "lucide-react";
import { Link } from "wouter";
import { useCanWrite } from "@/collab/hooks";
import { PanelBoundary } from "@/components/ui/states";
import { CommentsPanel } from "@/features/comments/comments-panel";
import { DrawingLayer } from "@/features/comments/drawing-layer";
import { SaveBadge } from "@/features/presence/save-badge";
import type { PreviewEngine } from "@/features/preview/engine";
import { PreviewPanel } from "@/features/preview/preview-panel";
import type { PinView, TimelineView } from "@/features/timeline/model/view-model";
import { Transport } from "@/features/timeline/transport";
import { useTransport } from "@/features/timeline/use-transport";
import type { Project } from "@/lib/api/types";
import { sayReview } from "@/lib/messages/review";
import { say } from "@/lib/messages/screens";
import { useStage } from "@/lib/stage";
import { flicks, timecode } from "@/timeline-core/time";
import { useMe } from "./signed-in";
import { useCommentsScene, useMayComment } from "./use-comments";

type ReviewProps = {
  readonly project: Project;
  readonly view: TimelineView;
  readonly pins: readonly PinView[];
  readonly onEngine: (engine: PreviewEngine | null) => void;
};

export const Review = ({ project, view, pins, onEngine }: ReviewProps) => {
  useTransport(view);
  const scene = useCommentsScene(view);
  return (
    <div className="flex h-dvh min-w-0 flex-col overflow-hidden bg-canvas">
      <header className="flex h-11 shrink-0 items-center gap-2 border-divider border-b bg-panel px-2">
        <Link
          href="/?list"
          aria-label={say.top.back}
          className="grid size-9 place-items-center rounded-control text-dim"
        >
          <ChevronLeft size={20} aria-hidden="true" />
        </Link>
        <h1 className="min-w-0 flex-1 truncate font-semibold">{project.name}</h1>
        <SaveBadge />
      </header>
      <main aria-label={say.preview.region} className="aspect-video w-full shrink-0">
        <PreviewPanel onEngine={onEngine}>
          <DrawingLayer project={project.id} size={view.size} />
        </PreviewPanel>
      </main>
      <div className="shrink-0 bg-panel px-2 pb-2">
        <Scrubber view={view} pins={pins} />
        <div className="flex justify-center overflow-hidden">
          <Transport
            rate={view.rate}
            startTc={view.startTc}
            duration={view.duration}
            typedDigit={null}
          />
        </div>
      </div>
      <PanelBoundary title={say.common.panelCrashed} actionLabel={say.common.reloadPanel}>
        <div className="flex min-h-0 flex-1 flex-col bg-panel">
          <CommentsPanel
            project={project.id}
            me={useMe().id}
            scene={scene}
            mayComment={useMayComment()}
            mayEdit={useCanWrite()}
          />
        </div>
      </PanelBoundary>
      <p className="shrink-0 border-divider border-t bg-panel px-3 py-1.5 text-center text-dense text-faint">
        {sayReview.moreRoom}
      </p>
    </div>
  );
};

type ScrubberProps = { readonly view: TimelineView; readonly pins: readonly PinView[] };

const Scrubber = ({ view, pins }: ScrubberProps) => {
  const playhead = useStage((stage) => stage.playhead);
  const length = Math.max(1, view.duration);
  return (
    <div className="relative" dir="ltr">
      <input
        type="range"
        aria-label={sayReview.position}
        aria-valuetext={timecode(playhead, view.rate, { startTc: view.startTc })}
        min={0}
        max={length}
        step={Math.round((705_600_000 * view.rate.den) / view.rate.num)}
        value={Math.min(length, playhead)}
        onChange={(event) => {
          const { pause, seek } = useStage.getState();
          pause();
          seek(flicks(Number(event.target.value)));
        }}
        className="slider w-full"
      />
      {pins.map((pin) => (
        <span
          key={pin.id}
          aria-hidden="true"
          className="pointer-events-none absolute top-0 size-1.5 rounded-full bg-accent"
          style={{ left: `${(100 * pin.at) / length}%` }}
        />
      ))}
    </div>
  );
};
