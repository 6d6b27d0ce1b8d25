/** What the screen keeps of comments: the thread that is open, and the one being written. */
import { create } from "zustand";
import type { Stroke } from "@/lib/api/types";
import type { ThreadPlace } from "./place";

type CommentsUi = {
  /** Id of the thread whose answers and drawing are shown. */
  readonly shown: string | null;
  /** The moment of a comment that is being written. */
  readonly writing: (ThreadPlace & { readonly resume: boolean }) | null;
  readonly drawing: boolean;
  readonly strokes: readonly Stroke[];
  readonly show: (thread: string | null) => void;
  readonly write: (place: ThreadPlace, resume: boolean) => void;
  readonly stopWriting: () => void;
  readonly setDrawing: (on: boolean) => void;
  readonly setStrokes: (strokes: readonly Stroke[]) => void;
};

export const useCommentsUi = create<CommentsUi>()((set) => ({
  shown: null,
  writing: null,
  drawing: false,
  strokes: [],
  show: (shown) => set({ shown, writing: null, drawing: false, strokes: [] }),
  write: (place, resume) => set({ writing: { ...place, resume }, shown: null, strokes: [] }),
  stopWriting: () => set({ writing: null, drawing: false, strokes: [] }),
  setDrawing: (drawing) => set({ drawing }),
  setStrokes: (strokes) => set({ strokes }),
}));
