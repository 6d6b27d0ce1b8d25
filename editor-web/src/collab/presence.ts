/** Who is here and what they point at; never stored. Own state goes out at most 25 times a second. */
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import type * as Y from "yjs";
import {
  type Guarded,
  isEither,
  isListOf,
  isNullOr,
  isNumber,
  isShape,
  isString,
  isWord,
} from "@/lib/guards";
import { Observable } from "@/lib/observable";

export const PRESENCE_MS = 40; // 25 a second
export const SELECTION_MAX = 50; // beyond that only the count goes out
/** The twelve people of `app/tokens.css`: other programs read a colour, not the name of a token. */
const HUES: readonly string[] = [
  "#ff7a85",
  "#ff9f5a",
  "#f5c542",
  "#b4d455",
  "#4fd08a",
  "#3fd0c9",
  "#55b8ff",
  "#8ea2ff",
  "#b58cff",
  "#e58cff",
  "#ff8cc6",
  "#d0b48c",
];
export const COLORS = HUES.length;

const isCursor = isEither(
  isShape({ area: isWord("timeline"), t: isNumber, track: isNullOr(isString), dy: isNumber }),
  isShape({ area: isWord("preview"), x: isNumber, y: isNumber }),
);
const isDrag = isShape({
  kind: isString,
  ids: isListOf(isString),
  dt: isNumber,
  track: isNullOr(isString),
});
const isState = isShape(
  { user: isShape({ id: isString, name: isString, color: isString }) },
  {
    playhead: isNullOr(isNumber),
    selection: isListOf(isString),
    selected: isNumber,
    cursor: isNullOr(isCursor),
    drag: isNullOr(isDrag),
    view: isNullOr(isShape({ sequence: isString, from: isNumber, to: isNumber })),
    editing: isNullOr(isShape({ id: isString, field: isString })),
    following: isNullOr(isNumber),
  },
);

export type Cursor = Guarded<typeof isCursor>;
export type Drag = Guarded<typeof isDrag>;
export type PresenceState = Guarded<typeof isState>;

/** Another person's tab; `user.color` names a design token. Times are flicks; `movedAt` is when it last changed, in milliseconds. */
export interface Peer extends PresenceState {
  readonly client: number;
  readonly movedAt: number;
}

export interface PresenceUser {
  readonly id: string;
  readonly name: string;
}

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** What this tab says of itself, besides who it is. */
export type OwnPresence = Omit<PresenceState, "user" | "selected">;

/** A person's colour, 0..11: by their id, moved on while somebody else in the room has it. */
export const colorIndex = (userId: string, taken: ReadonlySet<number>): number => {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  const own = hash % COLORS;
  for (let step = 0; step < COLORS; step += 1) {
    const index = (own + step) % COLORS;
    if (!taken.has(index)) return index;
  }
  return own;
};

/** The name of a person's design token: `person-1` .. `person-12`. */
export const colorName = (index: number): string => `person-${index + 1}`;

const indexOfName = (name: string): number => Number(name.replace("person-", "")) - 1;

/** The token of a colour as it is sent; of one that is not ours the person's usual one. */
const nameOfHue = (hue: string, userId: string): string => {
  const index = HUES.indexOf(hue.toLowerCase());
  return colorName(index < 0 ? colorIndex(userId, new Set()) : index);
};

export class Presence {
  readonly awareness: Awareness;
  readonly peers = new Observable<readonly Peer[]>([]);
  readonly #user: PresenceUser;
  readonly #now: () => number;
  #own: OwnPresence = {};
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #movedAt = new Map<number, number>();

  constructor(doc: Y.Doc, user: PresenceUser, now: () => number = Date.now) {
    this.awareness = new Awareness(doc);
    this.#user = user;
    this.#now = now;
    this.awareness.on("change", this.#changed);
    this.#send();
  }

  /** Changes what others see of this tab; only what is given, only if it differs. */
  set(part: OwnPresence): void {
    const next = { ...this.#own, ...part };
    if (JSON.stringify(next) === JSON.stringify(this.#own)) return;
    this.#own = next;
    const wait = this.#sentAt + PRESENCE_MS - this.#now();
    if (wait <= 0) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), wait);
  }

  /** The colour that this tab shows to others. */
  get color(): string {
    const state = this.awareness.getLocalState() as PresenceState | null;
    return nameOfHue(state?.user.color ?? "", this.#user.id);
  }

  /** Say it again: after a reconnect others have forgotten us. */
  announce(): void {
    this.#send();
  }

  /** Own entry as an update, for the connection. */
  encoded(): Uint8Array {
    return encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]);
  }

  receive(update: Uint8Array, origin: unknown): void {
    applyAwarenessUpdate(this.awareness, update, origin);
  }

  /** Everybody else leaves the picture: the connection is gone. */
  forgetOthers(origin: unknown): void {
    const others = [...this.awareness.getStates().keys()].filter(
      (client) => client !== this.awareness.clientID,
    );
    removeAwarenessStates(this.awareness, others, origin);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.awareness.off("change", this.#changed);
    this.awareness.destroy();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sentAt = this.#now();
    const { selection = [] } = this.#own;
    const index = colorIndex(this.#user.id, this.#taken());
    this.awareness.setLocalState({
      ...this.#own,
      user: { ...this.#user, color: HUES[index] ?? "" },
      selection: selection.slice(0, SELECTION_MAX),
      ...(selection.length > SELECTION_MAX ? { selected: selection.length } : {}),
    });
  }

  /** Colours of other people whose tab came before ours (smaller client id), so that two never swap. */
  #taken(): ReadonlySet<number> {
    const others = this.peers
      .get()
      .filter(({ user, client }) => user.id !== this.#user.id && client < this.awareness.clientID);
    return new Set(others.map(({ user }) => indexOfName(user.color)));
  }

  // Heartbeats renew a state without changing it: only "change" says that a person moved.
  #changed = ({ added, updated, removed }: AwarenessChange): void => {
    for (const client of [...added, ...updated]) this.#movedAt.set(client, this.#now());
    for (const client of removed) this.#movedAt.delete(client);
    const peers: Peer[] = [];
    for (const [client, state] of this.awareness.getStates()) {
      if (client === this.awareness.clientID) continue;
      if (isState(state)) peers.push(this.#peer(client, state));
    }
    peers.sort((left, right) => left.client - right.client);
    this.peers.set(peers);
    if (this.#ownColorTaken()) this.#send();
  };

  #peer(client: number, state: PresenceState): Peer {
    const color = nameOfHue(state.user.color, state.user.id);
    const movedAt = this.#movedAt.get(client) ?? 0;
    return { ...state, user: { ...state.user, color }, client, movedAt };
  }

  #ownColorTaken(): boolean {
    return this.color !== colorName(colorIndex(this.#user.id, this.#taken()));
  }
}
