/** The people of a workspace, with what each may do. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Rows, Section } from "@/components/ui/section";
import { Skeleton, useLate } from "@/components/ui/states";
import type { Member, Role, Workspace } from "@/lib/api/types";
import { changeRole, membersKey, removeMember } from "@/lib/api/workspaces";
import { sayProjects } from "@/lib/messages/pages";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { MemberRow } from "./member-row";
import { standingOf } from "./standing";
import { useMembers } from "./use-members";

type MemberListProps = {
  readonly workspace: Workspace;
  readonly me: string;
  /** One's own role is another now, or one is no longer there. */
  readonly onOwnRole: () => void;
  readonly onLeft: () => void;
};

export const MemberList = ({ workspace, me, onOwnRole, onLeft }: MemberListProps) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const list = useMembers(workspace.id);
  const late = useLate(list.isPending);
  const [asked, setAsked] = useState<Member | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: membersKey(workspace.id) });
  const change = useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) =>
      changeRole(api, workspace.id, id, role),
    onSuccess: ({ id, name, role }) => {
      toast.success(words.changed(name, sayProjects.roles[role]));
      if (id === me) onOwnRole();
    },
    onError: (cause) => toast.error(words.notChanged, { description: cause.message }),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: ({ id }: Member) => removeMember(api, workspace.id, id),
    onSuccess: (_answer, { id, name }) => {
      if (id === me) return onLeft();
      toast.success(words.removed(name));
      heading.current?.focus();
    },
    onError: (cause, { id }) =>
      toast.error(id === me ? words.notLeft : words.notRemoved, { description: cause.message }),
    onSettled: refresh,
  });
  const members = list.data?.items ?? [];
  const isLeaving = asked?.id === me;
  return (
    <Section title={words.members} heading={heading}>
      {list.isLoadingError && (
        <FailedCall
          error={list.error}
          title={words.membersFailed}
          onRetry={() => void list.refetch()}
        />
      )}
      {late && <Skeleton className="h-13" />}
      {members.length > 0 && (
        <Rows>
          {members.map((member) => (
            <MemberRow
              key={member.id}
              member={member}
              isMe={member.id === me}
              standing={standingOf(member, members, me)}
              onRole={(role) => change.mutate({ id: member.id, role })}
              onOut={() => setAsked(member)}
            />
          ))}
        </Rows>
      )}
      {asked && (
        <ConfirmDialog
          title={isLeaving ? words.leaveTitle(workspace.name) : words.removeTitle(asked.name)}
          action={isLeaving ? words.leaveNow : words.remove(asked.name)}
          onConfirm={() => remove.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p className="text-dim">{isLeaving ? words.leaveMeaning : words.removeMeaning}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
};
