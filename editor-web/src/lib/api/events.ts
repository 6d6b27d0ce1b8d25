/**
 * What the server tells by itself: export progress, assets ready, the project renamed or gone.
 *
 * The browser's `EventSource` reconnects with `Last-Event-ID`; where it gives up (a refused
 * connection), we begin again, from 1 s to 15 s apart, and say `reset`: something may have been
 * missed. The server says so too where the last event is too old.
 */
import { isNumber, isShape, isString } from "@/lib/guards";
import type { Asset, Export, Project, Wallet } from "./types";

export type ServerEvent =
  | { readonly type: "export"; readonly export: Export }
  | { readonly type: "asset"; readonly asset: Asset }
  | { readonly type: "project"; readonly project: Partial<Project> & { readonly id: string } }
  /** Something happened to the thread of this id. */
  | { readonly type: "comment"; readonly comment: { readonly id: string } }
  | { readonly type: "wallet"; readonly wallet: Wallet }
  /** Events were missed: ask again for what may have changed. */
  | { readonly type: "reset" };

type Told = Exclude<ServerEvent["type"], "reset">;

export type EventStreamState = "connecting" | "open" | "lost";

const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 15_000;
const TYPES = ["export", "asset", "project", "comment", "wallet"] as const;
const isBody = isShape({ id: isString });
const isWallet = isShape({ workspace: isString, available: isNumber, seq: isNumber });

/** What is needed of `EventSource`; tests bring their own. */
export interface EventSourceLike {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface EventStreamOptions {
  readonly url: string;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState?: (state: EventStreamState) => void;
  readonly open?: (url: string) => EventSourceLike;
}

const CLOSED = 2;

const parsed = (type: Told, text: string): ServerEvent | null => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null; // a newer server may speak otherwise; an event is only a hint
  }
  if (!(type === "wallet" ? isWallet(body) : isBody(body))) return null;
  return { type, [type]: body } as unknown as ServerEvent;
};

/** Listens until the answered function is called. */
export const listenToEvents = ({
  url,
  onEvent,
  onState,
  open = (address) => new EventSource(address, { withCredentials: true }) as EventSourceLike,
}: EventStreamOptions): (() => void) => {
  let source: EventSourceLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_MS_MIN;

  let wasShut = false;

  const take = (type: Told) => (message: MessageEvent<string>) => {
    const event = parsed(type, message.data);
    if (event !== null) onEvent(event);
  };

  const start = (): void => {
    onState?.("connecting");
    const opened = open(url);
    source = opened;
    opened.addEventListener("reset", () => onEvent({ type: "reset" }));
    for (const type of TYPES) opened.addEventListener(type, take(type));
    opened.onopen = () => {
      wait = RETRY_MS_MIN;
      onState?.("open");
      if (wasShut) onEvent({ type: "reset" });
      wasShut = false;
    };
    opened.onerror = () => {
      onState?.("lost");
      if (opened.readyState !== CLOSED) return; // it reconnects by itself
      opened.close();
      wasShut = true;
      timer = setTimeout(start, wait);
      wait = Math.min(wait * 2, RETRY_MS_MAX);
    };
  };

  start();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
};
