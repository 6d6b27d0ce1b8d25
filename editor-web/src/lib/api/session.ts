/** Who is signed in. */
import { type Api, answered } from "./client";
import type { Me, OpenIdStart, SignIn, WaysIn } from "./types";

export const fetchMe = (api: Api, signal?: AbortSignal): Promise<Me> =>
  answered(api.GET("/me", signalled(signal)));

/** Signs in with a password, an invite, a share link or the welcome key; sets the cookie. */
export const signIn = async (api: Api, body: SignIn): Promise<void> => {
  await answered(api.POST("/session", { body }));
};

/** What may be offered to somebody who is not signed in. */
export const fetchWays = (api: Api, signal?: AbortSignal): Promise<WaysIn> =>
  answered(api.GET("/session/ways", signalled(signal)));

/** The address at the OpenID provider where a sign-in goes on. */
export const startOpenId = async (api: Api, body: OpenIdStart): Promise<string> =>
  (await answered(api.POST("/session/openid", { body }))).url;

export const signUp = (
  api: Api,
  body: { email: string; password: string; name: string },
): Promise<Me> => answered(api.POST("/accounts", { body }));

/** Has a link for a new password mailed to whoever has that email; nobody hears whether somebody has. */
export const askForReset = async (api: Api, email: string): Promise<void> => {
  await answered(api.POST("/password-resets", { body: { email } }));
};

/** A new password by a one-time key; every sign-in of the account ends. */
export const resetPassword = async (
  api: Api,
  body: { key: string; password: string },
): Promise<void> => {
  await answered(api.POST("/password-resets/redeem", { body }));
};

export const signOut = async (api: Api): Promise<void> => {
  await answered(api.DELETE("/session"));
};

/** Request options with a signal, where there is one. */
export const signalled = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };
