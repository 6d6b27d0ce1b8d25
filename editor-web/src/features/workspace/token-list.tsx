/** Tokens of programs: who made which, how long it lasts, and its end. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Rows, Section } from "@/components/ui/section";
import type { ApiToken } from "@/lib/api/types";
import { endToken, listTokens, tokensKey } from "@/lib/api/workspaces";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { MakeToken } from "./make-token";
import { TokenRow } from "./token-row";
import { useMembers } from "./use-members";

export const TokenList = ({ workspace }: { readonly workspace: string }) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const key = tokensKey(workspace);
  const list = useQuery({ queryKey: key, queryFn: () => listTokens(api, workspace) });
  const members = useMembers(workspace).data?.items ?? [];
  const [asked, setAsked] = useState<ApiToken | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const end = useMutation({
    mutationFn: ({ id }: ApiToken) => endToken(api, workspace, id),
    onSuccess: () => {
      toast.success(words.ended);
      heading.current?.focus();
    },
    onError: (cause) => toast.error(words.notEnded, { description: cause.message }),
    onSettled: refresh,
  });
  const nameOf = (id: string) =>
    members.find((member) => member.id === id)?.name ?? words.formerMember;
  return (
    <Section title={words.tokens} hint={words.tokensHint} heading={heading}>
      <MakeToken workspace={workspace} onMade={() => void refresh()} />
      {list.isLoadingError && (
        <FailedCall
          error={list.error}
          title={words.tokensFailed}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.data?.items.length === 0 && <p className="text-dim">{words.noTokens}</p>}
      {list.data && list.data.items.length > 0 && (
        <Rows>
          {list.data.items.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              maker={nameOf(token.user)}
              onEnd={() => setAsked(token)}
            />
          ))}
        </Rows>
      )}
      {asked && (
        <ConfirmDialog
          title={words.endTitle}
          action={words.end}
          onConfirm={() => end.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p className="text-dim">{words.endMeaning}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
};
