/** The words of how Cutroom looks and speaks. */
export const sayLook = {
  title: "Look and language",
  theme: "Theme",
  themes: { dark: "Dark", light: "Light", system: "As the system" },
  language: "Language",
  languageHint: "Shown after the page is loaded again; nothing is lost.",
  reload: "Load again",
} as const;
