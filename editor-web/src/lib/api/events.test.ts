import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type EventSourceLike, listenToEvents, type ServerEvent } from "./events";

class FakeSource implements EventSourceLike {
  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly url: string;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  tell(type: string, data: string, lastEventId = ""): void {
    this.#listeners.get(type)?.({ data, lastEventId } as MessageEvent<string>);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const stand = () => {
  const sources: FakeSource[] = [];
  const events: ServerEvent[] = [];
  const stop = listenToEvents({
    url: "/api/v1/events?project=p1",
    onEvent: (event) => events.push(event),
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
  });
  return { sources, events, stop };
};

it("editor-N3: events are told by kind, and what is none is skipped", () => {
  const { sources, events, stop } = stand();
  sources[0]?.tell("asset", '{"id": "as_1"}', "7");
  sources[0]?.tell("export", "no json");
  sources[0]?.tell("project", '{"name": "without id"}');
  expect(events).toEqual([{ type: "asset", asset: { id: "as_1" } }]);
  stop();
});

it("editor-N3: a stream that was given up begins again, and says that events were missed", () => {
  const { sources, events, stop } = stand();
  sources[0]?.tell("asset", '{"id": "as_1"}', "7");
  sources[0]?.onerror?.(new Event("error"));
  vi.advanceTimersByTime(60_000);
  expect(sources.length).toBe(1); // the browser reconnects by itself
  (sources[0] as FakeSource).readyState = 2;
  sources[0]?.onerror?.(new Event("error"));
  vi.advanceTimersByTime(1000);
  expect(sources[1]?.url).toBe("/api/v1/events?project=p1");
  sources[1]?.onopen?.(new Event("open"));
  sources[1]?.tell("reset", '{"reason": "too old"}');
  expect(events.map(({ type }) => type)).toEqual(["asset", "reset", "reset"]);
  stop();
  (sources[1] as FakeSource).onerror?.(new Event("error"));
});

it("payments-P2: a wallet is told by its workspace; half of one is none", () => {
  const { sources, events, stop } = stand();
  const wallet = { workspace: "ws_1", available: 500, held: 0, debt: 0, seq: 3 };
  sources[0]?.tell("wallet", JSON.stringify(wallet), "8");
  sources[0]?.tell("wallet", '{"workspace": "ws_1"}', "9");
  expect(events).toEqual([{ type: "wallet", wallet }]);
  stop();
});
