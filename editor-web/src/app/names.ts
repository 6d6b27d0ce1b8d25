/** Names that several pages share. */
export const projectKey = (id: string) => ["project", id] as const;

export type OpenDialog = "export" | "history" | "share" | "shortcuts" | "palette";
