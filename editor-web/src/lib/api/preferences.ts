/** What the account keeps of a person's choices. */
import { type Api, answered } from "./client";

type Values = Readonly<Record<string, unknown>>;

export const fetchPreferences = async (api: Api): Promise<Values> =>
  (await answered(api.GET("/me/preferences"))).values;

/** Goes out also while the page is being left. */
export const changePreferences = async (api: Api, values: Values): Promise<Values> =>
  (await answered(api.PATCH("/me/preferences", { body: { values }, keepalive: true }))).values;
