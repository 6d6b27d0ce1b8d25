/** One open project in one tab: document, line, presence, undo and writes, outside of React. */
import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";
import type { CommandsAnswer, CommandsRequest, Role } from "@/lib/api/types";
import { saveStateText } from "@/lib/messages/en";
import { Observable, type Readable } from "@/lib/observable";
import { localProblem } from "@/lib/problem";
import type { Command } from "@/timeline-core/commands";
import type { AssetTable } from "@/timeline-core/media";
import { applied, type Change, type Edit, type NewId } from "@/timeline-core/model";
import { EditRefused } from "@/timeline-core/refusal";
import { resolve } from "@/timeline-core/resolve";
import type { Resolved } from "@/timeline-core/resolved";
import { Connection, type SocketLike } from "./connection";
import { SharedDocument } from "./document";
import { LateQueue } from "./late-queue";
import { offlineCopyOf } from "./offline-copies";
import { Presence, type PresenceUser } from "./presence";
import {
  type ConnectionState,
  nextLookIn,
  type SaveFacts,
  type SaveState,
  saveState,
} from "./save-state";
import { UndoStack, type UndoStep, type UndoStorage, undoKeyOf } from "./undo-stack";
import { Unsaved } from "./unsaved";
import type { Outcome } from "./write-queue";

export interface SessionOptions {
  readonly project: string;
  readonly user: PresenceUser;
  readonly role: Role;
  /** `ws(s)://host/collab`. */
  readonly collabUrl: string;
  readonly assets: Readable<AssetTable>;
  readonly newId: NewId;
  readonly send: (body: CommandsRequest) => Promise<CommandsAnswer>;
  readonly storage: UndoStorage;
  /** Whether to keep a copy in this browser. */
  readonly offlineCopy?: boolean;
  readonly openSocket?: (url: string) => SocketLike;
  /** Whether this person is still signed in. */
  readonly renewed?: () => Promise<boolean>;
}

const WRITERS: ReadonlySet<Role> = new Set(["owner", "editor"]);
const NO_CHANGES: readonly Change[] = [];

export const canWrite = (role: Role): boolean => WRITERS.has(role);

export class Session {
  readonly project: string;
  readonly document: SharedDocument;
  readonly presence: Presence;
  readonly undoStack: UndoStack;
  readonly saveState: Observable<SaveState>;
  /** Whether the document is here, from the server or from this browser. */
  readonly loaded = new Observable(false);
  readonly role: Observable<Role>;
  readonly resolved: Readable<Resolved>;
  /** The sequence on screen; null is the main one. */
  readonly shown = new Observable<string | null>(null);
  /** What a hand would change if it let go now: the preview draws it, nobody stores it. */
  readonly draft = new Observable<readonly Change[]>(NO_CHANGES);
  readonly #doc = new Y.Doc();
  readonly #connection: Connection;
  readonly #copy: IndexeddbPersistence | undefined;
  readonly #unsaved: Unsaved;
  readonly #queue: LateQueue;
  readonly #stops: (() => void)[] = [];
  #look: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    const { project, user, role, collabUrl, assets, newId, send, storage } = options;
    const { offlineCopy = true, openSocket, renewed } = options;
    this.project = project;
    this.role = new Observable(role);
    this.document = new SharedDocument(this.#doc);
    this.presence = new Presence(this.#doc, user);
    this.undoStack = new UndoStack(storage, undoKeyOf(project));
    this.resolved = resolvedOf(this.document, assets, this.shown, this.draft);
    this.#unsaved = new Unsaved(this.#doc, (origin) => origin === this.#connection);
    const copy = offlineCopy ? offlineCopyOf(project) : null;
    this.#copy = copy === null ? undefined : new IndexeddbPersistence(copy, this.#doc);
    this.#connection = new Connection({
      doc: this.#doc,
      presence: this.presence,
      url: `${collabUrl}/${project}`,
      tabs: copy,
      onAck: (vector) => this.#unsaved.acked(vector, Date.now()),
      ...(openSocket === undefined ? {} : { openSocket }),
      ...(renewed === undefined ? {} : { renewed }),
    });
    this.#queue = new LateQueue(async () => {
      const { WriteQueue, arrivalIn } = await import("./write-queue");
      return new WriteQueue({
        document: this.document,
        assets: assets.get,
        newId,
        online: () => this.#connected(),
        send,
        stateVector: () => base64(Y.encodeStateVector(this.#doc)),
        onWritten: (label, changes) => this.undoStack.push({ label, changes }),
        arrived: arrivalIn(this.document),
      });
    });
    this.saveState = new Observable(saveState(this.#facts()), sameState);
    this.#watch();
  }

  /** One gesture: all of the commands or none, in one transaction, one step of undo. */
  edit(commands: Command | readonly Command[], label?: string): Promise<Outcome> {
    if (!canWrite(this.role.get())) {
      return Promise.resolve({ kind: "failed", problem: localProblem(saveStateText.viewOnly()) });
    }
    return this.#queue.run(isList(commands) ? commands : [commands], label);
  }

  /** Fetches what edits need; call it once the document is drawn. */
  prepare(): void {
    this.#queue.prepare();
  }

  /** What commands would do now, for ghosts; null as long as that code is on its way. @throws EditRefused */
  tried(commands: readonly Command[]): Edit | null {
    return this.#queue.tried(commands);
  }

  /** Shows what commands would do, in the preview alone; none takes it away again. */
  sketch(commands: readonly Command[]): void {
    try {
      this.draft.set(commands.length === 0 ? NO_CHANGES : (this.tried(commands)?.changes ?? []));
    } catch (cause) {
      if (!(cause instanceof EditRefused)) throw cause; // it is told at the drop
    }
  }

  /**
   * Resolves once no edit is under way and the first line has brought what the server has, or failed:
   * before that nobody knows what undo would take back.
   */
  async settled(): Promise<void> {
    await this.#caughtUp();
    await this.#queue.settled();
  }

  /** Takes back the last own edit that still can be; null when there is none. */
  undo(): UndoStep | null {
    if (!canWrite(this.role.get())) return null;
    return this.#written(this.undoStack.undo(this.document.stored()));
  }

  redo(): UndoStep | null {
    if (!canWrite(this.role.get())) return null;
    return this.#written(this.undoStack.redo(this.document.stored()));
  }

  /** Whether leaving now would lose work: neither acknowledged nor kept in this browser. */
  wouldLoseWork(): boolean {
    if (this.#queue.waiting > 0) return true;
    return this.#unsaved.edits > 0 && this.#copy?.synced !== true;
  }

  /** Everything unsaved as one Yjs update, for the download of what the server refused. */
  unsavedUpdate(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  retry(): void {
    this.#connection.retry();
  }

  destroy(): void {
    clearTimeout(this.#look);
    for (const stop of this.#stops) stop();
    this.#connection.destroy();
    this.#unsaved.destroy();
    this.presence.destroy();
    this.document.destroy();
    this.#doc.destroy();
  }

  #written(step: UndoStep | null): UndoStep | null {
    if (step !== null) this.document.apply(step.changes, "undo");
    return step;
  }

  #connected(): boolean {
    const state = this.#connection.state.get();
    return state.kind === "connected" && state.synced;
  }

  #caughtUp(): Promise<void> {
    const { state } = this.#connection;
    if (!isCatchingUp(state.get())) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = state.subscribe(() => {
        if (isCatchingUp(state.get())) return;
        stop();
        resolve();
      });
    });
  }

  #facts(): SaveFacts {
    const connection = this.#connection.state.get();
    return {
      connection,
      online: typeof navigator === "undefined" || navigator.onLine !== false,
      canWrite: canWrite(this.role.get()),
      loaded: this.loaded.get(),
      edits: this.#unsaved.edits,
      oldestEditAt: this.#unsaved.oldestAt,
      savedAt: this.#unsaved.savedAt,
      now: Date.now(),
    };
  }

  #watch(): void {
    const update = (): void => this.#update();
    this.#stops.push(
      this.#connection.state.subscribe(update),
      this.#unsaved.subscribe(update),
      this.role.subscribe(update),
      listening("online", () => this.#connection.retry()),
      listening("offline", () => this.#connection.lost()),
    );
    void this.#copy?.whenSynced.then(() => {
      if (this.document.stored().sequences.size > 0) this.loaded.set(true);
      this.#update();
    });
    this.#update();
  }

  #update(): void {
    if (this.#connected()) this.loaded.set(true);
    const facts = this.#facts();
    this.saveState.set(saveState(facts));
    clearTimeout(this.#look);
    const wait = nextLookIn(facts);
    if (wait !== null) this.#look = setTimeout(() => this.#update(), wait);
  }
}

/** Whether what the server has is on its way; a line that failed may stay away for long. */
const isCatchingUp = (state: ConnectionState): boolean =>
  state.kind === "connected" ? !state.synced : state.kind === "connecting" && state.attempts === 0;

const isList = (commands: Command | readonly Command[]): commands is readonly Command[] =>
  Array.isArray(commands);

const sameState = (left: SaveState, right: SaveState): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const listening = (type: "online" | "offline", listener: () => void): (() => void) => {
  if (typeof window === "undefined") return () => undefined;
  window.addEventListener(type, listener);
  return () => window.removeEventListener(type, listener);
};

/** The resolved timeline of what is on screen, made when asked for and then kept until it changes. */
const resolvedOf = (
  document: SharedDocument,
  assets: Readable<AssetTable>,
  shown: Readable<string | null>,
  draft: Readable<readonly Change[]>,
): Readable<Resolved> => {
  let made: Resolved | undefined;
  let of: readonly unknown[] = [];
  return {
    get: () => {
      const snapshot = document.snapshot();
      const table = assets.get();
      const now = [snapshot, table, shown.get(), draft.get()];
      if (made === undefined || now.some((part, index) => part !== of[index])) {
        const drafted = draft.get();
        const drawn = drafted.length === 0 ? snapshot : applied(snapshot, drafted);
        made = resolve(drawn, table, shown.get());
        of = now;
      }
      return made;
    },
    subscribe: (listener) => {
      const stops = [document, assets, shown, draft].map((source) => source.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
};
