/** `/w/{workspace}`: its people, who may come, its tokens, and whose it is. */
import { useQueryClient } from "@tanstack/react-query";
import { Compass } from "lucide-react";
import { useRef } from "react";
import { Link, useLocation } from "wouter";
import { Empty } from "@/components/ui/states";
import { BringIn } from "@/features/workspace/bring-in";
import { HandOver } from "@/features/workspace/hand-over";
import { InviteList } from "@/features/workspace/invite-list";
import { MemberList } from "@/features/workspace/member-list";
import { TokenList } from "@/features/workspace/token-list";
import { membersKey } from "@/lib/api/workspaces";
import { sayProjects } from "@/lib/messages/pages";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { toast } from "@/lib/toast";
import { PlainPage } from "./plain-page";
import { meKey, useMe } from "./signed-in";

const BACK = "/account";

export const WorkspacePage = ({ workspace: id }: { readonly workspace: string }) => {
  const queries = useQueryClient();
  const me = useMe();
  const [, navigate] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  const workspace = me.workspaces.find((one) => one.id === id);
  if (!workspace) return <Nowhere />;
  const askWhoIAm = () => queries.invalidateQueries({ queryKey: meKey });
  return (
    <PlainPage
      title={workspace.name}
      about={words.youAre(sayProjects.roles[workspace.role])}
      heading={heading}
      back={{ href: BACK, label: words.back }}
    >
      <MemberList
        workspace={workspace}
        me={me.id}
        onOwnRole={() => void askWhoIAm()}
        onLeft={() => {
          toast.success(words.left(workspace.name));
          navigate(BACK, { replace: true });
          void askWhoIAm();
        }}
      />
      {workspace.role === "owner" && (
        <>
          <BringIn workspace={id} />
          <InviteList workspace={id} />
          <TokenList workspace={id} />
          <HandOver
            workspace={id}
            me={me.id}
            onHandedOver={() => {
              heading.current?.focus(); // the form goes with the right to it
              void askWhoIAm();
              void queries.invalidateQueries({ queryKey: membersKey(id) });
            }}
          />
        </>
      )}
    </PlainPage>
  );
};

const Nowhere = () => (
  <main className="flex min-h-dvh">
    <Empty
      icon={Compass}
      title={words.notFound}
      action={
        <Link href={BACK} className="text-accent underline">
          {words.back}
        </Link>
      }
    />
  </main>
);
