/** What somebody may do about a person of a workspace, themselves included. */
import type { Member, Role } from "@/lib/api/types";

export const ROLES = [
  "owner",
  "billing",
  "editor",
  "commenter",
  "viewer",
] as const satisfies readonly Role[];

export type Standing = {
  /** Only an owner gives roles, and the last one keeps theirs. */
  readonly mayChange: boolean;
  readonly mayRemove: boolean;
  /** Of oneself. */
  readonly mayLeave: boolean;
  /** Why an owner may do nothing about an owner. */
  readonly isLastOwner: boolean;
};

export function standingOf(member: Member, members: readonly Member[], me: string): Standing {
  const rules = members.some(({ id, role }) => id === me && role === "owner");
  const owners = members.filter(({ role }) => role === "owner");
  const isLastOwner = member.role === "owner" && owners.length === 1;
  const isMe = member.id === me;
  return {
    mayChange: rules && !isLastOwner,
    mayRemove: rules && !isMe,
    mayLeave: isMe && !isLastOwner,
    isLastOwner,
  };
}
