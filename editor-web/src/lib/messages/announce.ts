/** The polite live region: results told to screen readers, at most one a second. */
import { create } from "zustand";

const GAP_MS = 1000;

type Announcer = {
  readonly message: string;
  readonly tell: (message: string) => void;
};

export const useAnnouncer = create<Announcer>()((set) => {
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    message: "",
    tell: (message) => {
      clearTimeout(timer);
      const wait = Math.max(0, last + GAP_MS - Date.now());
      timer = setTimeout(() => {
        last = Date.now();
        set({ message });
      }, wait);
    },
  };
});
