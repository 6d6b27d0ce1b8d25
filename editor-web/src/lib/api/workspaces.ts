/** Who is in a workspace, who may come, and the tokens of its programs. */
import { ProblemError } from "@/lib/problem";
import { type Api, answered } from "./client";
import type { ApiToken, Invite, Member, NewInvite, NewToken, Page, Role, Transfer } from "./types";

export const membersKey = (workspace: string) => ["members", workspace] as const;
export const invitesKey = (workspace: string) => ["invites", workspace] as const;
export const tokensKey = (workspace: string) => ["tokens", workspace] as const;

const inWorkspace = (id: string) => ({ params: { path: { id } } });

export const listMembers = (api: Api, id: string): Promise<Page<Member>> =>
  answered(api.GET("/workspaces/{id}/members", inWorkspace(id)));

export const changeRole = (api: Api, id: string, user: string, role: Role): Promise<Member> =>
  answered(
    api.PATCH("/workspaces/{id}/members/{user}", {
      params: { path: { id, user } },
      body: { role },
    }),
  );

/** Of oneself: leaves. A 409 where no owner would be left. */
export const removeMember = async (api: Api, id: string, user: string): Promise<void> => {
  await answered(api.DELETE("/workspaces/{id}/members/{user}", { params: { path: { id, user } } }));
};

/** Who came in: a member, as they have an account, or an invitation to hand to them. */
export type BroughtIn =
  | { readonly kind: "member"; readonly member: Member }
  | { readonly kind: "invite"; readonly invite: Invite };

/** An email that has an account becomes a member at once; any other gets an invitation. */
export async function bringIn(
  api: Api,
  id: string,
  { email, role }: NewInvite,
): Promise<BroughtIn> {
  if (email === undefined) return { kind: "invite", invite: await invite(api, id, { role }) };
  try {
    const body = { email, role };
    const added = api.POST("/workspaces/{id}/members", { ...inWorkspace(id), body });
    return { kind: "member", member: await answered(added) };
  } catch (cause) {
    if (!isUnknownEmail(cause)) throw cause;
    return { kind: "invite", invite: await invite(api, id, { email, role }) };
  }
}

const invite = (api: Api, id: string, body: NewInvite): Promise<Invite> =>
  answered(api.POST("/workspaces/{id}/invites", { ...inWorkspace(id), body }));

/** The server refuses what is no email in the same way; its invitation is refused then as well. */
const isUnknownEmail = (cause: unknown): boolean =>
  cause instanceof ProblemError && cause.problem.status === 422;

export const listInvites = (api: Api, id: string): Promise<Page<Invite>> =>
  answered(api.GET("/workspaces/{id}/invites", inWorkspace(id)));

export const takeInviteBack = async (api: Api, id: string, of: string): Promise<void> => {
  await answered(
    api.DELETE("/workspaces/{id}/invites/{invite}", { params: { path: { id, invite: of } } }),
  );
};

export const listTokens = (api: Api, id: string): Promise<Page<ApiToken>> =>
  answered(api.GET("/workspaces/{id}/tokens", inWorkspace(id)));

/** The only answer that has the token itself. */
export const makeToken = (api: Api, id: string, body: NewToken): Promise<ApiToken> =>
  answered(api.POST("/workspaces/{id}/tokens", { ...inWorkspace(id), body }));

export const endToken = async (api: Api, id: string, token: string): Promise<void> => {
  await answered(
    api.DELETE("/workspaces/{id}/tokens/{token}", { params: { path: { id, token } } }),
  );
};

/** `user` becomes the owner and who asks becomes `become`, in one step. */
export const handOver = async (
  api: Api,
  id: string,
  { user, become }: { readonly user: string; readonly become: Role },
): Promise<void> => {
  // biome-ignore lint/suspicious/noThenProperty: the name that the API has for it
  const body: Transfer = { user, then: become };
  await answered(api.POST("/workspaces/{id}/transfer", { ...inWorkspace(id), body }));
};
