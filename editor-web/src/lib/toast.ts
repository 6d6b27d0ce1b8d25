/** Short notes at the bottom of the page; one that matters can carry one action. */
import { create } from "zustand";

export type ToastTone = "plain" | "success" | "warning" | "error";

export type ToastOptions = {
  readonly description?: string | undefined;
  readonly action?: { readonly label: string; readonly onClick: () => void };
};

export type ToastNote = ToastOptions & {
  readonly id: number;
  readonly tone: ToastTone;
  readonly text: string;
};

const NOTES_MAX = 4; // more at once are a wall, not a note
const PLAIN_MS = 4_000;
const LONG_MS = 8_000; // what went wrong, or can be answered, needs time to be read

type Toasts = {
  readonly notes: readonly ToastNote[];
  readonly show: (tone: ToastTone, text: string, options?: ToastOptions) => void;
  readonly dismiss: (id: number) => void;
};

export const useToasts = create<Toasts>()((set, get) => {
  let last = 0;
  return {
    notes: [],
    show: (tone, text, options = {}) => {
      last += 1;
      const id = last;
      // The same words twice in a row say no more than once.
      const others = get().notes.filter((note) => note.text !== text);
      set({ notes: [...others, { ...options, id, tone, text }].slice(-NOTES_MAX) });
      const long = tone === "error" || options.action !== undefined;
      setTimeout(() => get().dismiss(id), long ? LONG_MS : PLAIN_MS);
    },
    dismiss: (id) => set({ notes: get().notes.filter((note) => note.id !== id) }),
  };
});

const shown =
  (tone: ToastTone) =>
  (text: string, options?: ToastOptions): void =>
    useToasts.getState().show(tone, text, options);

export const toast = Object.assign(shown("plain"), {
  success: shown("success"),
  warning: shown("warning"),
  error: shown("error"),
});
