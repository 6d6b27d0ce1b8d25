import { describe, expect, it, vi } from "vitest";
import type { FromDecoder, ToDecoder } from "./decode-protocol";
import { Decoder, type DecodeWorker } from "./decoder";

class Frame {
  closed = 0;

  close(): void {
    this.closed += 1;
  }
}

class FakeWorker implements DecodeWorker {
  onmessage: DecodeWorker["onmessage"] = null;
  readonly heard: ToDecoder[] = [];
  readonly frames: Frame[] = [];
  ended = false;

  postMessage(message: ToDecoder): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.ended = true;
  }

  say(message: FromDecoder): void {
    this.onmessage?.(new MessageEvent("message", { data: message }));
  }

  frame(): VideoFrame {
    const made = new Frame();
    this.frames.push(made);
    return made as unknown as VideoFrame;
  }

  open(): number {
    return this.frames.filter(({ closed }) => closed === 0).length;
  }
}

const MEDIA = { url: "/proxy", num: 30, den: 1 };

const started = () => {
  const worker = new FakeWorker();
  const onArrival = vi.fn();
  return { worker, onArrival, decoder: new Decoder(onArrival, worker) };
};

describe("editor-V9: every decoded picture has one owner, who closes it", () => {
  it("editor-V9: a stream that is closed closes what it holds and what is still on its way", () => {
    const { worker, decoder } = started();
    const reader = decoder.stream(MEDIA, 5);
    const stream = 1;
    for (const picture of [5, 6, 7])
      worker.say({ kind: "frame", stream, picture, frame: worker.frame() });
    expect(reader.at(6)?.exact).toBe(true);
    expect(worker.heard.filter(({ kind }) => kind === "taken")).toHaveLength(1);
    reader.close();
    worker.say({ kind: "frame", stream, picture: 8, frame: worker.frame() });
    reader.close();
    expect(worker.open()).toBe(0);
    expect(worker.heard.filter(({ kind }) => kind === "stop")).toHaveLength(1);
  });

  it("editor-V9: at the end nothing is open, and whoever waits is told", async () => {
    const { worker, decoder } = started();
    decoder.stream(MEDIA, 0);
    worker.say({ kind: "frame", stream: 1, picture: 0, frame: worker.frame() });
    const waiting = decoder.stills(MEDIA, 3, 1, () => undefined);
    decoder.dispose();
    await waiting;
    worker.say({ kind: "still", request: 2, picture: 3, frame: worker.frame() });
    worker.say({ kind: "frame", stream: 1, picture: 1, frame: worker.frame() });
    expect(worker.open()).toBe(0);
    expect(worker.ended).toBe(true);
  });

  it("editor-V9: a file that failed is opened anew after a rest", () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const { worker, decoder, onArrival } = started();
      worker.say({ kind: "failed", url: "/proxy", reason: "401" });
      expect(decoder.failure("/proxy")).toBe("401");
      expect(worker.heard.at(-1)).toEqual({ kind: "forget", url: "/proxy" });
      onArrival.mockClear();
      vi.advanceTimersByTime(6_000);
      expect(onArrival).toHaveBeenCalled();
      expect(decoder.failure("/proxy")).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});
