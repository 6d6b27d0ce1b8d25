/**
 * All writes of a tab, one after the other.
 *
 * An edit that names every record it changes is written here. One that moves others is drawn at
 * once and sent to the server; what follows waits for it, drawn as well, and is computed again on
 * what the server made. A refusal takes the drawing back. Offline, everything is written here.
 */
import type { CommandsAnswer, CommandsRequest } from "@/lib/api/types";
import { type Problem, ProblemError } from "@/lib/problem";
import { type Command, edited, isServerCommand } from "@/timeline-core/commands";
import type { AssetTable } from "@/timeline-core/media";
import { type Change, type Edit, type NewId, sameJson } from "@/timeline-core/model";
import { EditRefused, type RefusalCode } from "@/timeline-core/refusal";
import type { SharedDocument } from "./document";

export type Outcome =
  | {
      readonly kind: "done";
      readonly clamped: readonly string[];
      readonly created: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly id: string;
      readonly detail: string;
    }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface WriteQueueOptions {
  readonly document: SharedDocument;
  readonly assets: () => AssetTable;
  readonly newId: NewId;
  /** Whether the server can be asked now. */
  readonly online: () => boolean;
  readonly send: (body: CommandsRequest) => Promise<CommandsAnswer>;
  /** The state vector of the document, base64. */
  readonly stateVector: () => string;
  readonly onWritten: (label: string, changes: readonly Change[]) => void;
  /** Waits until the server's own transaction has arrived here, or gives up. */
  readonly arrived: (changes: readonly Change[]) => Promise<void>;
  readonly pause?: (milliseconds: number) => Promise<void>;
}

interface Pending {
  readonly commands: readonly Command[];
  readonly label: string;
  drawn: readonly Change[];
  readonly done: (outcome: Outcome) => void;
  /** Ends with the edit, whatever becomes of it. */
  readonly over: Promise<unknown>;
}

const REFUSAL_STATUS = 409;
const MOVING_STATUS = 503; // the document is on its way to another machine, which takes seconds
const MOVING_TRIES_MAX = 10;
const MOVING_PAUSE_MS = 1000;

export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #pending: Pending[] = [];
  #running = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** How many edits wait for the server. */
  get length(): number {
    return this.#pending.length;
  }

  /** Resolves once nothing waits for the server any more: undo takes back the newest edit, and so must know it. */
  async settled(): Promise<void> {
    for (let last = this.#pending.at(-1); last !== undefined; last = this.#pending.at(-1)) {
      await last.over;
    }
  }

  /** What the commands would do to what is on screen now. @throws EditRefused */
  tried(commands: readonly Command[]): Edit {
    const { document, assets, newId } = this.#options;
    return edited(document.snapshot(), assets(), commands, newId);
  }

  /** One gesture: all of the commands or none, in one transaction, one step of undo. */
  run(commands: readonly Command[], label = commands[0]?.op ?? ""): Promise<Outcome> {
    let edit: Edit;
    try {
      edit = this.tried(commands);
    } catch (cause) {
      return Promise.resolve(refusal(cause));
    }
    if (this.#pending.length === 0 && !this.#needsServer(commands)) {
      return Promise.resolve(this.#write(label, edit));
    }
    let done: (outcome: Outcome) => void = () => undefined;
    const outcome = new Promise<Outcome>((resolve) => {
      done = resolve;
    });
    this.#pending.push({ commands, label, drawn: edit.changes, done, over: outcome });
    this.#draw();
    void this.#work();
    return outcome;
  }

  #needsServer(commands: readonly Command[]): boolean {
    return this.#options.online() && commands.some(isServerCommand);
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      const outcome = this.#needsServer(next.commands)
        ? await this.#ask(next)
        : this.#writeAgain(next);
      this.#pending.shift();
      this.#draw();
      next.done(outcome);
    }
    this.#running = false;
  }

  async #ask(next: Pending): Promise<Outcome> {
    const { onWritten, arrived } = this.#options;
    try {
      const answer = await this.#sent(next.commands);
      const changes = answer.changes as readonly Change[];
      onWritten(next.label, changes);
      await arrived(changes);
      return { kind: "done", clamped: answer.clamped, created: answer.created };
    } catch (cause) {
      if (!(cause instanceof ProblemError)) throw cause;
      // The network went away under it: do as offline. Both would write the same places.
      return cause.problem.status === 0 ? this.#writeAgain(next) : problemOutcome(cause.problem);
    }
  }

  async #sent(commands: readonly Command[]): Promise<CommandsAnswer> {
    const { send, stateVector, pause = paused } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await send({ commands, after: stateVector() });
      } catch (cause) {
        const moving = cause instanceof ProblemError && cause.problem.status === MOVING_STATUS;
        if (!moving || tries === MOVING_TRIES_MAX) throw cause;
        await pause(MOVING_PAUSE_MS);
      }
    }
  }

  #writeAgain(next: Pending): Outcome {
    const { document, assets, newId } = this.#options;
    try {
      return this.#write(next.label, edited(document.stored(), assets(), next.commands, newId));
    } catch (cause) {
      return refusal(cause);
    }
  }

  #write(label: string, edit: Edit): Outcome {
    const { document, onWritten } = this.#options;
    document.apply(edit.changes, label);
    onWritten(label, edit.changes);
    return { kind: "done", clamped: edit.clamped, created: edit.created };
  }

  #draw(): void {
    this.#options.document.setOverlay(this.#pending.flatMap(({ drawn }) => drawn));
  }
}

const paused = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const refusal = (cause: unknown): Outcome => {
  if (!(cause instanceof EditRefused)) throw cause;
  return { kind: "refused", code: cause.code, id: cause.recordId, detail: cause.detail };
};

const problemOutcome = (problem: Problem): Outcome =>
  problem.status === REFUSAL_STATUS && problem.code !== undefined
    ? {
        kind: "refused",
        code: problem.code as RefusalCode,
        id: problem.id ?? "",
        detail: problem.detail,
      }
    : { kind: "failed", problem };

const ARRIVAL_MS_MAX = 2000; // after that the line is slow or somebody wrote over it already

/** Waits until the document holds what `changes` say, or 2 s. */
export const arrivalIn =
  (document: SharedDocument) =>
  (changes: readonly Change[]): Promise<void> => {
    const here = (): boolean => changes.every((change) => holds(document, change));
    if (here()) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = (): void => {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      };
      const timer = setTimeout(stop, ARRIVAL_MS_MAX);
      const unsubscribe = document.subscribe(() => {
        if (here()) stop();
      });
    });
  };

const holds = (document: SharedDocument, { map, id, key, after }: Change): boolean => {
  const stored = document.stored();
  if (map === "meta") return key === null || sameJson(stored.meta[key] ?? null, after);
  const record = stored[map].get(id);
  return record !== undefined && (key === null || sameJson(record[key] ?? null, after));
};
