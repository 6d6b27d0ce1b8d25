/** Who is signed in. */
import { type Api, answered } from "./client";
import type { Me, SignIn } from "./types";

export const fetchMe = (api: Api, signal?: AbortSignal): Promise<Me> =>
  answered(api.GET("/me", signalled(signal)));

/** Signs in with a password, an invite, a share link or the welcome key; sets the cookie. */
export const signIn = async (api: Api, body: SignIn): Promise<void> => {
  await answered(api.POST("/session", { body }));
};

export const signUp = (
  api: Api,
  body: { email: string; password: string; name: string },
): Promise<Me> => answered(api.POST("/accounts", { body }));

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
