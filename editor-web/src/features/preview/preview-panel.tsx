/** The picture of the cut, fitted into its panel. The engine is loaded when it is first needed. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useResolved } from "@/collab/hooks";
import type { AssetCatalog } from "@/lib/api/assets";
import { type Api, answered } from "@/lib/api/client";
import { previewText } from "@/lib/messages/preview";
import { useServices } from "@/lib/services";
import { useStage } from "@/lib/stage";
import { onFrames } from "@/timeline-core/on-frames";
import type { OnFrames } from "@/timeline-core/resolved";
import type { TextSpec } from "@/timeline-core/text-spec";
import type { PreviewEngine } from "./engine";
import type { PreviewAsset } from "./picture-supply";
import type { DrawnText } from "./text-supply";

export interface PreviewPanelProps {
  /** Told about the engine, for the read-only inspection of the page. */
  readonly onEngine?: (engine: PreviewEngine | null) => void;
}

export const PreviewPanel = ({ onEngine }: PreviewPanelProps) => {
  const frames = useFrames();
  const { catalog, api } = useServices();
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
        soundOf: (id) => soundAddress(catalog, id),
        drawTexts: (specs) => drawTexts(api, specs),
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
  }, [api, catalog, onEngine]);

  useEffect(() => engine?.setFrames(frames), [engine, frames]);
  useEffect(() => (engine ? catalog.subscribe(engine.refresh) : undefined), [engine, catalog]);

  const sequence = frames.resolved.sequences.get(frames.resolved.sequence);
  const size = useFitted(room, sequence?.width ?? 16, sequence?.height ?? 9);
  useEffect(() => {
    const density = window.devicePixelRatio || 1;
    engine?.resize(size.width * density, size.height * density);
  }, [engine, size]);

  const empty = frames.duration_frames === 0;
  return (
    <section aria-label={previewText.label()} className="relative h-full min-h-0 w-full bg-canvas">
      <div ref={room} className="absolute inset-3 grid place-items-center overflow-hidden">
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
        {empty && <p className="absolute max-w-sm text-center text-dim">{previewText.empty()}</p>}
      </div>
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

const previewAsset = (catalog: AssetCatalog, id: string): PreviewAsset | undefined => {
  const asset = catalog.asset(id);
  if (asset === undefined) return undefined;
  if (asset === null) {
    return {
      name: id,
      kind: "video",
      url: null,
      num: 30,
      den: 1,
      width: 0,
      height: 0,
      state: "missing",
    };
  }
  return {
    name: asset.name,
    kind: asset.kind,
    url: asset.urls.proxy,
    num: asset.facts?.fps_num || 30,
    den: asset.facts?.fps_den || 1,
    width: asset.facts?.width ?? 0,
    height: asset.facts?.height ?? 0,
    state: asset.state,
  };
};

const soundAddress = (catalog: AssetCatalog, id: string): string | null => {
  const asset = catalog.asset(id);
  return asset?.facts?.has_audio ? asset.urls.proxy : null;
};

const drawTexts = async (api: Api, specs: readonly TextSpec[]): Promise<readonly DrawnText[]> => {
  const { images } = await answered(api.POST("/text-images", { body: { images: [...specs] } }));
  return images.map((image) => ({ ...image, url: `/api/v1/text-images/${image.id}` }));
};
