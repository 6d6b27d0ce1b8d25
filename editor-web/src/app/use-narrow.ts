/** Whether the window is so narrow that the page is for review, as on a phone. */
import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 719px)";

const subscribe = (listener: () => void): (() => void) => {
  const query = window.matchMedia(NARROW);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
};

export const useNarrow = (): boolean =>
  useSyncExternalStore(subscribe, () => window.matchMedia(NARROW).matches);
