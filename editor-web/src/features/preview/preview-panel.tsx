/** The picture of the cut, fitted into its panel. The engine is loaded when it is first needed. */
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useResolved } from "@/collab/hooks";
import { previewText } from "@/lib/messages/preview";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { onFrames } from "@/timeline-core/on-frames";
import type { OnFrames } from "@/timeline-core/resolved";
import type { PreviewEngine } from "./engine";
import { assetSound, previewAsset, textService } from "./preview-assets";
import { usePreviewTools } from "./preview-tools";

const Scopes = lazy(() => import("./scopes/scopes").then((module) => ({ default: module.Scopes })));

export interface PreviewPanelProps {
  /** Told about the engine, for the read-only inspection of the page. */
  readonly onEngine?: (engine: PreviewEngine | null) => void;
  /** What lies over the picture, exactly as large as it. */
  readonly children?: ReactNode;
}

export const PreviewPanel = ({ onEngine, children }: PreviewPanelProps) => {
  const frames = useFrames();
  const { catalog, api, env } = useServices();
  const room = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [engine, setEngine] = useState<PreviewEngine | null>(null);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    let made: PreviewEngine | null = null;
    let left = false;
    void import("./engine").then(({ PreviewEngine }) => {
      if (left) return;
      made = new PreviewEngine({
        canvas: element,
        stage: useStage,
        assetOf: (id) => previewAsset(catalog, id),
        soundOf: (id) => assetSound(catalog, id),
        texts: textService(api, env.apiUrl),
      });
      setEngine(made);
      onEngine?.(made);
    });
    return () => {
      left = true;
      made?.dispose();
      setEngine(null);
      onEngine?.(null);
    };
  }, [api, catalog, env, onEngine]);

  useEffect(() => engine?.setFrames(frames), [engine, frames]);
  useEffect(() => (engine ? catalog.subscribe(engine.refresh) : undefined), [engine, catalog]);

  const sequence = frames.resolved.sequences.get(frames.resolved.sequence);
  const size = useFitted(room, sequence?.width ?? 16, sequence?.height ?? 9);
  useEffect(() => {
    const density = window.devicePixelRatio || 1;
    engine?.resize(size.width * density, size.height * density);
  }, [engine, size]);

  const { quality, scopes } = usePreviewTools();
  useEffect(() => engine?.setQuality(quality), [engine, quality]);

  const empty = frames.duration_frames === 0;
  return (
    <section aria-label={previewText.label()} className="relative h-full min-h-0 w-full bg-canvas">
      <div ref={room} className="absolute inset-3 grid place-items-center">
        <canvas
          ref={canvas}
          role="img"
          aria-label={previewText.picture()}
          className="bg-black shadow-lg"
          style={{
            width: size.width,
            height: size.height,
            visibility: empty ? "hidden" : "visible",
          }}
        />
        {!empty && children !== undefined && (
          <div className="absolute [container-type:size]" style={size}>
            {children}
          </div>
        )}
        {empty && <p className="absolute max-w-sm text-center text-dim">{previewText.empty()}</p>}
      </div>
      {scopes && engine && !empty && (
        <Suspense>
          <Scopes engine={engine} picture={canvas} />
        </Suspense>
      )}
    </section>
  );
};

const useFrames = (): OnFrames => {
  const resolved = useResolved();
  return useMemo(() => {
    const sequence = resolved.sequences.get(resolved.sequence);
    return onFrames(resolved, sequence?.fps_num ?? 30, sequence?.fps_den ?? 1);
  }, [resolved]);
};

/** The largest size of a shape that fits into an element, in CSS pixels. */
const useFitted = (
  room: React.RefObject<HTMLElement | null>,
  width: number,
  height: number,
): { readonly width: number; readonly height: number } => {
  const [space, setSpace] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = room.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSpace({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [room]);
  return useMemo(() => {
    const scale = Math.min(space.width / width, space.height / height);
    return { width: Math.floor(width * scale), height: Math.floor(height * scale) };
  }, [space, width, height]);
};
