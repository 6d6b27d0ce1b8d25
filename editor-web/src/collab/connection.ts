/**
 * The line to the server: the y-websocket protocol over one WebSocket, opened again when it breaks.
 *
 * Our own instead of the stock provider, because we send only our own presence (the stock one sends
 * back everybody's), ask for acks (message 64), wait with jitter, and say why a line was closed.
 * Tabs of one browser also hear each other directly, so that they agree while offline.
 */
import * as broadcast from "lib0/broadcastchannel";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import { Observable } from "@/lib/observable";
import type { Presence } from "./presence";
import { type ConnectionState, type FinalCode, isFinalCode } from "./save-state";

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const ACK = 64;
const STEP_2 = 1;

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;
const SILENCE_MS_MAX = 45_000; // the server says something at least every 15 s
const SILENCE_LOOK_MS = 5000;

/** What is needed of `WebSocket`; tests bring their own. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  onerror: (() => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface ConnectionOptions {
  readonly doc: Y.Doc;
  readonly presence: Presence;
  /** The whole address of the document, without query. */
  readonly url: string;
  /** Called with each state vector that the server has made durable. */
  readonly onAck: (stateVector: ReadonlyMap<number, number>) => void;
  /** Whether who asks is still signed in, perhaps by a newer cookie than the line began with. */
  readonly renewed?: () => Promise<boolean>;
  readonly openSocket?: (url: string) => SocketLike;
  readonly random?: () => number;
  readonly now?: () => number;
  /** Name under which tabs of one browser meet; null for none. */
  readonly tabs?: string | null;
}

const OPEN = 1;
const ABNORMAL = 1006; // no close frame came
const SIGNED_OUT = 4401;

const messageOf = (type: number, write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  write(encoder);
  return encoding.toUint8Array(encoder);
};

/** How long to wait before the attempt after `failures` failed ones: 0.5 s doubling to 15 s, +-50 %. */
export const retryWait = (failures: number, random: number): number =>
  Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures, 10)) * (0.5 + random / 2);

export class Connection {
  readonly state: Observable<ConnectionState>;
  readonly #options: Required<ConnectionOptions>;
  #socket: SocketLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #attempts = 0;
  #lostAt: number;
  #heardAt = 0;
  #stopped = false;
  #renewing = false;

  constructor(options: ConnectionOptions) {
    this.#options = {
      openSocket: (url) => new WebSocket(url) as unknown as SocketLike,
      renewed: () => Promise.resolve(false),
      random: Math.random,
      now: Date.now,
      tabs: null,
      ...options,
    };
    this.#lostAt = this.#options.now();
    this.state = new Observable<ConnectionState>(this.#connecting());
    const { doc, presence, tabs } = this.#options;
    doc.on("update", this.#onUpdate);
    presence.awareness.on("update", this.#onPresence);
    if (tabs !== null) this.#meetTabs(tabs);
    this.#watch = setInterval(() => this.#lookForSilence(), SILENCE_LOOK_MS);
    this.#open();
  }

  /** Try now instead of at the next turn: the network is said to be back, or the person asks. */
  retry(): void {
    if (this.#stopped || this.#socket?.readyState === OPEN) return;
    this.#drop();
    this.#open();
  }

  /** The network is said to be gone: do not wait until the silence is noticed. */
  lost(): void {
    if (this.#stopped || this.#socket === undefined) return;
    this.#drop();
    this.#again();
  }

  destroy(): void {
    const { doc, presence, tabs } = this.#options;
    presence.awareness.setLocalState(null);
    this.#stopped = true;
    this.#drop();
    clearInterval(this.#watch);
    doc.off("update", this.#onUpdate);
    presence.awareness.off("update", this.#onPresence);
    if (tabs !== null) broadcast.unsubscribe(tabs, this.#onTab);
  }

  #connecting(): ConnectionState {
    return { kind: "connecting", since: this.#lostAt, attempts: this.#attempts };
  }

  #open(): void {
    const { url, openSocket } = this.#options;
    const socket = openSocket(`${url}?ack=1`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.#receive(socket, new Uint8Array(data));
    };
    socket.onclose = ({ code }) => this.#closed(code);
    // Some report a line that never opened by an error alone.
    socket.onerror = () => this.#closed(ABNORMAL);
  }

  #opened(socket: SocketLike): void {
    const { doc, presence, now } = this.#options;
    this.#heardAt = now();
    this.state.set({ kind: "connected", since: now(), synced: false });
    socket.send(messageOf(SYNC, (encoder) => writeSyncStep1(encoder, doc)));
    presence.announce();
  }

  #receive(socket: SocketLike, bytes: Uint8Array): void {
    const { doc, presence, onAck, now } = this.#options;
    this.#heardAt = now();
    const decoder = decoding.createDecoder(bytes);
    switch (decoding.readVarUint(decoder)) {
      case SYNC:
        this.#receiveSync(socket, decoder, doc);
        return;
      case AWARENESS:
        presence.receive(decoding.readVarUint8Array(decoder), this);
        return;
      case QUERY_AWARENESS:
        this.#sendPresence();
        return;
      case ACK:
        onAck(Y.decodeStateVector(decoding.readVarUint8Array(decoder)));
        return;
      default: // a newer server may say more; what we do not know is ignored
    }
  }

  #receiveSync(socket: SocketLike, decoder: decoding.Decoder, doc: Y.Doc): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    const type = readSyncMessage(decoder, encoder, doc, this);
    if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
    const state = this.state.get();
    if (type !== STEP_2 || state.kind !== "connected" || state.synced) return;
    this.#attempts = 0;
    this.#renewing = false;
    this.state.set({ ...state, synced: true });
  }

  #closed(code: number): void {
    this.#drop();
    if (this.#stopped) return;
    if (code === SIGNED_OUT && !this.#renewing) {
      void this.#renew();
    } else if (isFinalCode(code)) {
      this.#end(code);
    } else {
      this.#again();
    }
  }

  /** The credential is over; one more attempt where there is a newer one. */
  async #renew(): Promise<void> {
    this.#renewing = true;
    this.#lostAt = this.#options.now();
    this.state.set(this.#connecting());
    const renewed = await this.#options.renewed();
    if (this.#stopped || this.#socket !== undefined) return;
    if (renewed) this.#again();
    else this.#end(SIGNED_OUT);
  }

  #end(code: FinalCode): void {
    this.#stopped = true;
    this.state.set({ kind: "closed", code });
  }

  #again(): void {
    const { random, now } = this.#options;
    if (this.state.get().kind === "connected") this.#lostAt = now();
    const wait = retryWait(this.#attempts, random());
    this.#attempts += 1;
    this.state.set(this.#connecting());
    this.#timer = setTimeout(() => this.#open(), wait);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = () => undefined;
    socket.close();
    this.#options.presence.forgetOthers(this);
  }

  #lookForSilence(): void {
    const connected = this.state.get().kind === "connected";
    if (connected && this.#options.now() - this.#heardAt > SILENCE_MS_MAX) this.lost();
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(bytes);
  }

  #sendPresence(): void {
    const { presence } = this.#options;
    const update = presence.encoded();
    this.#send(messageOf(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, update)));
  }

  #onUpdate = (update: Uint8Array, origin: unknown): void => {
    const { tabs } = this.#options;
    if (origin === this) return;
    this.#send(messageOf(SYNC, (encoder) => writeUpdate(encoder, update)));
    if (tabs !== null && origin !== FROM_TAB) this.#tellTabs(tabs, { update });
  };

  #onPresence = (changes: Record<"added" | "updated" | "removed", number[]>): void => {
    const own = this.#options.presence.awareness.clientID;
    const { added, updated, removed } = changes;
    if ([added, updated, removed].some((clients) => clients.includes(own))) this.#sendPresence();
  };

  #meetTabs(name: string): void {
    broadcast.subscribe(name, this.#onTab);
    const { doc } = this.#options;
    this.#tellTabs(name, { update: Y.encodeStateAsUpdate(doc), have: Y.encodeStateVector(doc) });
  }

  #tellTabs(name: string, message: TabMessage): void {
    broadcast.publish(name, message, this);
  }

  #onTab = (message: TabMessage, origin: unknown): void => {
    const { doc, tabs } = this.#options;
    if (origin === this || tabs === null) return;
    Y.applyUpdate(doc, message.update, FROM_TAB);
    if (message.have !== undefined) {
      this.#tellTabs(tabs, { update: Y.encodeStateAsUpdate(doc, message.have) });
    }
  };
}

/** What tabs tell each other; `have` is a newcomer's state vector, answered with what it lacks. */
interface TabMessage {
  readonly update: Uint8Array;
  readonly have?: Uint8Array;
}

const FROM_TAB = Symbol("another tab of this browser");
