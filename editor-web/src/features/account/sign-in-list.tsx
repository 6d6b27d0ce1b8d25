/** Every browser that is signed in as one, to be ended one by one or all at once. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { FailedCall } from "@/components/ui/failed-call";
import { Badge, Row, Rows, Section } from "@/components/ui/section";
import { Skeleton, useLate } from "@/components/ui/states";
import { endOtherSignIns, endSignIn, listSignIns, signInsKey } from "@/lib/api/account";
import type { OpenSignIn } from "@/lib/api/types";
import { sayAccount as words } from "@/lib/messages/account";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";

export const SignInList = () => {
  const { api } = useServices();
  const queries = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const list = useQuery({ queryKey: signInsKey, queryFn: () => listSignIns(api) });
  const late = useLate(list.isPending);
  const ending = useMutation({
    mutationFn: (id: string | null) => (id === null ? endOtherSignIns(api) : endSignIn(api, id)),
    onSuccess: async (_answer, id) => {
      toast.success(id === null ? words.othersEnded : words.ended);
      heading.current?.focus(); // the button that had it goes with its row
      await queries.invalidateQueries({ queryKey: signInsKey });
    },
    onError: () => toast.error(words.notEnded),
  });
  const items = list.data?.items ?? [];
  const others = items.filter(({ current }) => !current);
  return (
    <Section
      title={words.signIns}
      hint={words.signInsHint}
      heading={heading}
      action={
        others.length > 0 && (
          <Button disabled={ending.isPending} onClick={() => ending.mutate(null)}>
            {words.endOthers}
          </Button>
        )
      }
    >
      {list.isLoadingError && (
        <FailedCall
          error={list.error}
          title={words.signInsFailed}
          onRetry={() => void list.refetch()}
        />
      )}
      {late && <Skeleton className="h-13" />}
      {items.length > 0 && (
        <Rows>
          {[...items.filter(({ current }) => current), ...others].map((signIn) => (
            <SignInRow
              key={signIn.id}
              signIn={signIn}
              disabled={ending.isPending}
              onEnd={() => ending.mutate(signIn.id)}
            />
          ))}
        </Rows>
      )}
    </Section>
  );
};

type SignInRowProps = {
  readonly signIn: OpenSignIn;
  readonly disabled: boolean;
  readonly onEnd: () => void;
};

const SignInRow = ({ signIn, disabled, onEnd }: SignInRowProps) => {
  const begun = say.common.moment(signIn.created_at);
  const seen = say.common.ago(signIn.seen_at, Date.now());
  return (
    <Row
      title={signIn.current ? <Badge>{words.here}</Badge> : words.elsewhere}
      detail={words.signedIn(begun, seen, say.common.moment(signIn.expires_at))}
    >
      {!signIn.current && (
        <Button small aria-label={words.endOf(begun)} disabled={disabled} onClick={onEnd}>
          {words.end}
        </Button>
      )}
    </Row>
  );
};
