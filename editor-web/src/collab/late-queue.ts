/**
 * The write queue, fetched after the first paint: the operations of the core are a tenth of the
 * editor's code, and nothing on screen needs them before the first edit.
 *
 * Edits that come sooner wait for it, in their order. Where it cannot be fetched they fail and say
 * so; the next edit tries again.
 */
import type { Problem } from "@/lib/problem";
import { unreachable } from "@/lib/problem";
import type { Command } from "@/timeline-core/commands";
import type { Edit } from "@/timeline-core/model";
import type { Outcome, WriteQueue } from "./write-queue";

export class LateQueue {
  readonly #fetch: () => Promise<WriteQueue>;
  #coming: Promise<WriteQueue> | undefined;
  #queue: WriteQueue | undefined;
  #waiting = 0;

  constructor(fetch: () => Promise<WriteQueue>) {
    this.#fetch = fetch;
  }

  /** How many edits wait for the queue itself; none of them is in the document yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Fetches the queue, so that the first edit need not wait; never fails. */
  prepare(): void {
    this.#come().catch(() => undefined); // told to the edits that wait for it
  }

  /** What the commands would do now; null as long as the queue is not here. @throws EditRefused */
  tried(commands: readonly Command[]): Edit | null {
    return this.#queue?.tried(commands) ?? null;
  }

  /** Resolves once no edit is under way. */
  async settled(): Promise<void> {
    if (this.#waiting > 0) await this.#coming?.catch(() => undefined); // told to the edits that wait
    await this.#queue?.settled();
  }

  run(commands: readonly Command[], label?: string): Promise<Outcome> {
    if (this.#queue !== undefined) return this.#queue.run(commands, label);
    this.#waiting += 1;
    return this.#come().then(
      (queue) => {
        this.#waiting -= 1;
        return queue.run(commands, label);
      },
      (cause: unknown) => {
        this.#waiting -= 1;
        return failed(unreachable(cause));
      },
    );
  }

  /** The first reaction keeps the queue: edits that waited come before those that did not. */
  #come(): Promise<WriteQueue> {
    if (this.#coming !== undefined) return this.#coming;
    const coming = this.#fetch();
    this.#coming = coming;
    coming.then(
      (queue) => {
        this.#queue = queue;
      },
      () => {
        this.#coming = undefined;
      },
    );
    return coming;
  }
}

const failed = (problem: Problem): Outcome => ({ kind: "failed", problem });
