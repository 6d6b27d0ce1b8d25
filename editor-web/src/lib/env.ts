/** What the page was told about its surroundings, parsed once. */

export interface Env {
  /** Where the API lives, without a trailing slash. */
  readonly apiUrl: string;
  /** Where documents are shared, `ws(s)://host/collab`. */
  readonly collabUrl: string;
}

export const envOf = (location: Pick<Location, "origin">): Env => ({
  apiUrl: `${location.origin}/api/v1`,
  collabUrl: `${location.origin.replace(/^http/, "ws")}/collab`,
});
