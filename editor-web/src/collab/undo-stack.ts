/** Own edits only, one stack per person and tab, kept as plain JSON over a reload [timeline-U4]. */
import { isJson, isListOf, isNullOr, isShape, isString, isWord } from "@/lib/guards";
import { Observable } from "@/lib/observable";
import { type Change, ROOTS, type TimelineDocument } from "@/timeline-core/model";
import { undoPatch } from "@/timeline-core/undo";

export const ENTRIES_MAX = 200;

/** Where a tab keeps its stack of a project. */
export const undoKeyOf = (project: string): string => `cutroom:undo:${project}`;

/** What one gesture wrote, and what it was called: the `op` of its first command. */
export interface UndoEntry {
  readonly label: string;
  readonly changes: readonly Change[];
}

export interface UndoState {
  readonly undo: readonly UndoEntry[];
  readonly redo: readonly UndoEntry[];
}

/** What an undo did: what to write, and what was skipped because others wrote there since. */
export interface UndoStep {
  readonly label: string;
  readonly changes: readonly Change[];
  readonly skipped: readonly Change[];
}

export type UndoStorage = Pick<Storage, "getItem" | "setItem">;

const isChange = isShape({
  map: isWord(...ROOTS),
  id: isString,
  key: isNullOr(isString),
  before: isJson,
  after: isJson,
});
const isEntry = isShape({ label: isString, changes: isListOf(isChange) });
const isState = isShape({ undo: isListOf(isEntry), redo: isListOf(isEntry) });

const EMPTY: UndoState = { undo: [], redo: [] };

const stored = (text: string | null): UndoState => {
  if (text === null) return EMPTY;
  try {
    const kept: unknown = JSON.parse(text);
    return isState(kept) ? (kept as UndoState) : EMPTY;
  } catch {
    return EMPTY; // of another version, or damaged: undo history is a comfort, not work
  }
};

export class UndoStack {
  readonly state: Observable<UndoState>;
  readonly #storage: UndoStorage;
  readonly #key: string;

  constructor(storage: UndoStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
    this.state = new Observable(stored(storage.getItem(key)));
  }

  /** Takes in what a gesture or a command wrote; there is nothing to redo from then on. */
  push(entry: UndoEntry): void {
    if (entry.changes.length === 0) return;
    this.#set({ undo: [...this.state.get().undo, entry].slice(-ENTRIES_MAX), redo: [] });
  }

  /**
   * Takes entries back until one has something left to do; null when there is none.
   *
   * The answer is written by the caller, in one transaction.
   */
  undo(document: TimelineDocument): UndoStep | null {
    return this.#step(document, "undo", "redo");
  }

  redo(document: TimelineDocument): UndoStep | null {
    return this.#step(document, "redo", "undo");
  }

  #step(document: TimelineDocument, from: keyof UndoState, to: keyof UndoState): UndoStep | null {
    const state = this.state.get();
    const left = [...state[from]];
    for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
      const { changes, skipped } = undoPatch(document, entry.changes);
      if (changes.length === 0) continue;
      const back = [...state[to], { label: entry.label, changes }].slice(-ENTRIES_MAX);
      this.#set({ ...state, [from]: left, [to]: back });
      return { label: entry.label, changes, skipped };
    }
    this.#set({ ...state, [from]: [] });
    return null;
  }

  #set(state: UndoState): void {
    this.state.set(state);
    try {
      this.#storage.setItem(this.#key, JSON.stringify(state));
    } catch {
      // The quota is full: undo still works, it only does not outlive a reload.
    }
  }
}
