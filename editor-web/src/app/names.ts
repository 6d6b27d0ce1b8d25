/** Names that several pages share. */
export const projectKey = (id: string) => ["project", id] as const;

export type OpenDialog =
  | "export"
  | "history"
  | "share"
  | "shortcuts"
  | "palette"
  | "version"
  | "look";

const VISITED = "cutroom:visited";

/** The first visit goes straight into a film; later ones begin with the projects. */
export const markVisited = (): void => localStorage.setItem(VISITED, "1");
export const hasVisited = (): boolean => localStorage.getItem(VISITED) !== null;
