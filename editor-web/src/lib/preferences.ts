/**
 * What a person chose for all their projects: keys, theme, language, what was dismissed. Kept in
 * this browser, and with the account where there is one; a guest of a share link has none.
 */
import { create } from "zustand";

export type Theme = "dark" | "light" | "system";

export interface PreferenceValues {
  /** Checked by `lib/keys/bindings.ts` where it is used. */
  readonly shortcuts?: unknown;
  readonly theme?: Theme;
  readonly language?: string;
  /** Coach marks that were dismissed for good. */
  readonly coached?: readonly string[];
  readonly scrubSound?: boolean;
  readonly safeAreas?: boolean;
}

interface Preferences {
  readonly values: PreferenceValues;
  /** What the account has not heard yet. */
  readonly unsent: PreferenceValues;
  readonly put: (values: PreferenceValues) => void;
  /** What the account said; it wins over this browser, except for what was chosen since. */
  readonly heard: (values: PreferenceValues) => void;
  readonly sent: (values: PreferenceValues) => void;
}

const KEY = "cutroom:preferences";
const UNSENT_KEY = "cutroom:preferences-unsent"; // so that a reload does not take a choice back

function remembered(key: string): PreferenceValues {
  try {
    const stored: unknown = JSON.parse(globalThis.localStorage?.getItem(key) ?? "{}");
    return typeof stored === "object" && stored !== null ? (stored as PreferenceValues) : {};
  } catch {
    return {}; // damaged by hand: everything is as usual again
  }
}

const remember = (key: string, values: PreferenceValues): void =>
  globalThis.localStorage?.setItem(key, JSON.stringify(values));

export const usePreferences = create<Preferences>()((set, get) => ({
  values: remembered(KEY),
  unsent: remembered(UNSENT_KEY),
  put: (part) => {
    const values = { ...get().values, ...part };
    const unsent = { ...get().unsent, ...part };
    remember(KEY, values);
    remember(UNSENT_KEY, unsent);
    set({ values, unsent });
  },
  heard: (account) => {
    const values = { ...get().values, ...account, ...get().unsent };
    remember(KEY, values);
    set({ values });
  },
  sent: (part) => {
    const left = Object.entries(get().unsent).filter(
      ([name, value]) => part[name as keyof PreferenceValues] !== value,
    );
    const unsent = Object.fromEntries(left);
    remember(UNSENT_KEY, unsent);
    set({ unsent });
  },
}));
