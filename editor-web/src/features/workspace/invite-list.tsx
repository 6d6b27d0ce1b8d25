/** Invitations that nobody has used yet. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Row, Rows, Section } from "@/components/ui/section";
import { invitesKey, listInvites, takeInviteBack } from "@/lib/api/workspaces";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

export const InviteList = ({ workspace }: { readonly workspace: string }) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const key = invitesKey(workspace);
  const list = useQuery({ queryKey: key, queryFn: () => listInvites(api, workspace) });
  const takeBack = useMutation({
    mutationFn: (id: string) => takeInviteBack(api, workspace, id),
    onSuccess: () => {
      toast.success(words.takenBack);
      heading.current?.focus();
    },
    onError: (cause) => toast.error(words.notTakenBack, { description: cause.message }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Section title={words.invites} heading={heading}>
      {list.isLoadingError && (
        <FailedCall
          error={list.error}
          title={words.invitesFailed}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.data?.items.length === 0 && <p className="text-dim">{words.noInvites}</p>}
      {list.data && list.data.items.length > 0 && (
        <Rows>
          {list.data.items.map(({ id, email, role, expires_at }) => (
            <Row
              key={id}
              title={email ?? words.anybody}
              detail={words.until(sayProjects.roles[role], say.common.moment(expires_at))}
            >
              <Button
                small
                aria-label={words.takeBackOf(email ?? words.anybody)}
                disabled={takeBack.isPending}
                onClick={() => takeBack.mutate(id)}
              >
                {words.takeBack}
              </Button>
            </Row>
          ))}
        </Rows>
      )}
    </Section>
  );
};
