/** Dark, light, or as the system is: on the root element, for everything that is drawn. */
import { type Theme, usePreferences } from "@/lib/preferences";

const THEMES = ["dark", "light", "system"] as const satisfies readonly Theme[];

/** What follows a theme when somebody asks for the next one. */
export const nextTheme = (theme: Theme): Theme =>
  THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "dark";

export const themeOf = (value: unknown): Theme =>
  THEMES.includes(value as Theme) ? (value as Theme) : "dark";

/** Follows what the person chose, and the system where they left it to that. */
export function followTheme(): void {
  const light = window.matchMedia("(prefers-color-scheme: light)");
  const apply = (): void => {
    const theme = themeOf(usePreferences.getState().values.theme);
    const shown = theme === "system" ? (light.matches ? "light" : "dark") : theme;
    const { documentElement: root } = document;
    if (root.dataset["theme"] === shown) return;
    root.dataset["theme"] = shown;
    const canvas = getComputedStyle(root).getPropertyValue("--color-canvas").trim();
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", canvas);
  };
  apply();
  light.addEventListener("change", apply);
  usePreferences.subscribe(apply);
}

/** Tells of every change of the theme on the page. */
export function onTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
