/** The language of the page: its name, and the formats that go with it. */

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

let shown: Language = "en";

export const language = (): Language => shown;

export const isLanguage = (value: unknown): value is Language =>
  typeof value === "string" && Object.hasOwn(LANGUAGES, value);

/** Said by `speak.ts`, once, before anything is drawn. */
export const setLanguage = (language: Language): void => {
  shown = language;
};

/** Made once for each language, when it is first needed. */
export const localized = <T>(made: (locale: string) => T): (() => T) => {
  const known = new Map<string, T>();
  return () => {
    const found = known.get(shown) ?? made(shown);
    known.set(shown, found);
    return found;
  };
};
