/** `window.__cutroom`: what the page shows, read only, in every build [editor-14]. */
import { type RefObject, useEffect } from "react";
import { useSession } from "@/collab/hooks";
import type { EngineStats, PreviewEngine } from "@/features/preview/engine";
import type { FrameStats, TimelineCanvas } from "@/features/timeline/timeline-canvas";

type ClipRect = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export type Inspection = {
  /** True once the document and the timeline are on screen. */
  readonly ready: boolean;
  readonly clipRect: (id: string) => ClipRect | null;
  /** A PNG of output frame n. */
  readonly renderFrame: PreviewEngine["renderFrame"];
  readonly renderSound: PreviewEngine["renderSound"];
  readonly stats: () => {
    readonly timeline: FrameStats | null;
    readonly preview: EngineStats | null;
  };
};

declare global {
  interface Window {
    __cutroom?: Inspection;
  }
}

export function useInspection(
  canvas: RefObject<TimelineCanvas | null>,
  engine: RefObject<PreviewEngine | null>,
): void {
  const session = useSession();
  useEffect(() => {
    const inspection: Inspection = {
      get ready() {
        return canvas.current !== null && session.loaded.get();
      },
      clipRect: (id) => canvas.current?.clipRect(id) ?? null,
      renderFrame: (...which) =>
        engine.current?.renderFrame(...which) ??
        Promise.reject(new Error("the preview is not here yet")),
      renderSound: (...which) =>
        engine.current?.renderSound(...which) ??
        Promise.reject(new Error("the preview is not here yet")),
      stats: () => ({
        timeline: canvas.current?.stats ?? null,
        preview: engine.current?.stats() ?? null,
      }),
    };
    window.__cutroom = Object.freeze(inspection);
    return () => {
      delete window.__cutroom;
    };
  }, [canvas, engine, session]);
}
