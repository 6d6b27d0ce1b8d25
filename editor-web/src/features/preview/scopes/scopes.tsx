/** Waveform, vectorscope and histogram of the picture that stands on the preview. */
import { X } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { previewText } from "@/lib/messages/preview";
import type { PreviewEngine } from "../engine";
import { usePreviewTools } from "../preview-tools";
import { histogram, LEVELS, lumaRange, vectorscope, waveform } from "./measure";
import { paintHistogram, paintVectorscope, paintWaveform } from "./paint";

const SAMPLE = { width: 192, height: 108 } as const; // enough to judge by, and 83 kB to read back
const PERIOD_MS = 100; // ten a second while playing

type ScopesProps = {
  readonly engine: PreviewEngine;
  /** What the preview draws on. */
  readonly picture: RefObject<HTMLCanvasElement | null>;
};

export const Scopes = ({ engine, picture }: ScopesProps) => {
  const waves = useRef<HTMLCanvasElement>(null);
  const vectors = useRef<HTMLCanvasElement>(null);
  const levels = useRef<HTMLCanvasElement>(null);
  const [[low, high], setRange] = useState<readonly [number, number]>([0, 0]);
  useEffect(() => {
    const sample = new OffscreenCanvas(SAMPLE.width, SAMPLE.height);
    const reader = sample.getContext("2d", { willReadFrequently: true, alpha: false });
    return engine.onDrawn(
      paced(() => {
        if (!reader || !picture.current) return;
        reader.drawImage(picture.current, 0, 0, SAMPLE.width, SAMPLE.height);
        const { data } = reader.getImageData(0, 0, SAMPLE.width, SAMPLE.height);
        const counts = histogram(data);
        on(waves, (context) => paintWaveform(context, waveform(data, SAMPLE.width), SAMPLE.height));
        on(vectors, (context) => paintVectorscope(context, vectorscope(data), data.length / 4));
        on(levels, (context) => paintHistogram(context, counts));
        const [lowest, highest] = lumaRange(counts);
        setRange((before) =>
          before[0] === lowest && before[1] === highest ? before : [lowest, highest],
        );
      }),
    );
  }, [engine, picture]);
  const text = previewText.scopes;
  return (
    <section
      aria-label={text.title()}
      className="absolute start-2 top-2 z-10 grid w-52 gap-1 rounded-panel border border-divider bg-panel/95 p-2"
    >
      <header className="flex items-center justify-between text-dense text-dim">
        <span className="tabular-nums">{text.luma(low, high)}</span>
        <IconButton
          label={text.close()}
          icon={X}
          iconSize={14}
          className="size-6"
          onClick={() => usePreviewTools.getState().set({ scopes: false })}
        />
      </header>
      <Scope
        label={text.waveform()}
        canvas={waves}
        width={SAMPLE.width}
        height={LEVELS}
        shown={88}
      />
      <Scope
        label={text.vectorscope()}
        canvas={vectors}
        width={LEVELS}
        height={LEVELS}
        shown={190}
      />
      <Scope label={text.histogram()} canvas={levels} width={LEVELS} height={64} shown={64} />
    </section>
  );
};

type ScopeProps = {
  readonly label: string;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly width: number;
  readonly height: number;
  /** CSS pixels. */
  readonly shown: number;
};

const Scope = ({ label, canvas, width, height, shown }: ScopeProps) => (
  <canvas
    ref={canvas}
    role="img"
    aria-label={label}
    width={width}
    height={height}
    style={{ height: shown }}
    className="w-full bg-black"
  />
);

const on = (
  canvas: RefObject<HTMLCanvasElement | null>,
  paint: (context: CanvasRenderingContext2D) => void,
): void => {
  const context = canvas.current?.getContext("2d");
  if (context) paint(context);
};

/** Runs the work at most once a period; the last call is never lost. */
const paced = (work: () => void): (() => void) => {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    work();
  };
  return () => {
    const wait = last + PERIOD_MS - performance.now();
    if (wait <= 0 && timer === undefined) run();
    else timer ??= setTimeout(run, wait);
  };
};
