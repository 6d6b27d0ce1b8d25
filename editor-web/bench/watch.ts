/**
 * What is put into the measured page, before its own scripts: stamps of what happened, taken in the
 * task after a frame, when what the frame drew has been handed over to be shown.
 */
import type { JSHandle, Page } from "@playwright/test";

interface Shown {
  readonly ready: boolean;
  readonly clipRect: (id: string) => { readonly x: number } | null;
  readonly stats: () => {
    readonly timeline: { readonly painted: number; readonly lastMs: number } | null;
    readonly preview: { readonly frame: number; readonly settled: boolean } | null;
  };
}

export interface Sight {
  readonly at: number;
  readonly frame: number;
  readonly settled: boolean;
}

/** The tools on `window.bench`; times are milliseconds of `performance.now()`. */
export interface Bench {
  /** When the editor first stood on screen with its clips; null before. */
  readyAt: number | null;
  /** Calls back after each frame until it answers true. */
  afterFrames: (look: (at: number) => boolean) => void;
  painted: () => number;
  clipX: (id: string) => number | null;
  preview: () => { readonly frame: number; readonly settled: boolean } | null;
  /** Times of all frames begun since `startFrames`. */
  startFrames: () => void;
  stopFrames: () => readonly number[];
  /** From the newest event of this kind until `done` holds after a frame. */
  sinceEvent: (kind: string, done: () => boolean) => Promise<number>;
  startSights: () => void;
  stopSights: () => readonly Sight[];
}

declare global {
  interface Window {
    bench: Bench;
  }
}

const install = (): void => {
  const shown = (): Shown | undefined => (window as unknown as { __cutroom?: Shown }).__cutroom;
  const after = (work: () => void): void => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = work;
    port2.postMessage(null);
  };
  const afterFrames = (look: (at: number) => boolean): void => {
    requestAnimationFrame(() => {
      after(() => {
        if (!look(performance.now())) afterFrames(look);
      });
    });
  };
  let frames: number[] = [];
  let isCounting = false;
  const count = (at: number): void => {
    if (!isCounting) return;
    frames.push(at);
    requestAnimationFrame(count);
  };
  let sights: Sight[] = [];
  let isWatching = false;
  const bench: Bench = {
    readyAt: null,
    afterFrames,
    painted: () => shown()?.stats().timeline?.painted ?? 0,
    clipX: (id) => shown()?.clipRect(id)?.x ?? null,
    preview: () => shown()?.stats().preview ?? null,
    startFrames: () => {
      frames = [];
      isCounting = true;
      requestAnimationFrame(count);
    },
    stopFrames: () => {
      isCounting = false;
      return frames;
    },
    sinceEvent: (kind, done) =>
      new Promise((found) => {
        const told = (event: Event): void => {
          afterFrames((at) => {
            const isDone = done();
            if (isDone) found(at - event.timeStamp);
            return isDone;
          });
        };
        window.addEventListener(kind, told, { capture: true, once: true });
      }),
    startSights: () => {
      sights = [];
      isWatching = true;
      afterFrames((at) => {
        const preview = bench.preview();
        if (preview) sights.push({ at, frame: preview.frame, settled: preview.settled });
        return !isWatching;
      });
    },
    stopSights: () => {
      isWatching = false;
      return sights;
    },
  };
  window.bench = bench;
  afterFrames((at) => {
    if (shown()?.ready !== true || bench.painted() === 0) return false;
    bench.readyAt = at;
    return true;
  });
};

/** To be called before the page is opened. */
export const watch = (page: Page): Promise<unknown> => page.addInitScript(install);

/** A time that a page will know; made before what it waits for is done, so that nothing is missed. */
export type Coming = JSHandle<{ readonly time: Promise<number> }>;

export const timeOf = (coming: Coming): Promise<number> => coming.evaluate(({ time }) => time);

export interface FrameTimes {
  /** Milliseconds from frame to frame. */
  readonly intervals: readonly number[];
  /** Processor time of the page's main thread for each frame, in milliseconds. */
  readonly work: number;
}

/** The frames of the page while something is done to it. */
export const framesWhile = async (page: Page, work: () => Promise<void>): Promise<FrameTimes> => {
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async (): Promise<number> => {
    const { metrics } = await tools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const before = await busy();
  await page.evaluate(() => window.bench.startFrames());
  await work();
  const frames = await page.evaluate(() => window.bench.stopFrames());
  const spent = (await busy()) - before;
  await tools.detach();
  const intervals = frames.slice(1).map((at, index) => at - (frames[index] ?? at));
  return { intervals, work: (spent * 1000) / Math.max(1, frames.length) };
};
