/** One's own account: its sign-ins, its password, its data and its end. */
import { type Api, answered } from "./client";
import type { OpenSignIn, Page } from "./types";

export const signInsKey = ["sign-ins"] as const;

/** Last seen first. */
export const listSignIns = (api: Api): Promise<Page<OpenSignIn>> =>
  answered(api.GET("/me/sessions", {}));

export const endSignIn = async (api: Api, session: string): Promise<void> => {
  await answered(api.DELETE("/me/sessions/{session}", { params: { path: { session } } }));
};

/** Every sign-in but the one that asks. */
export const endOtherSignIns = async (api: Api): Promise<void> => {
  await answered(api.DELETE("/me/sessions", {}));
};

/** Every sign-in ends; this browser gets a new one. A wrong present password is a 401. */
export const changePassword = async (
  api: Api,
  body: { password: string; new_password: string },
): Promise<void> => {
  await answered(api.POST("/me/password", { body }));
};

/** Every row that names the person, as the text of a JSON file. */
export const fetchMyData = async (api: Api): Promise<string> =>
  String(await answered(api.GET("/me/data", { parseAs: "text" })));

/** For good. The password is null where the account has none. */
export const deleteAccount = async (api: Api, password: string | null): Promise<void> => {
  await answered(api.POST("/me/deletion", { body: { password } }));
};
