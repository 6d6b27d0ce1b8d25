/** `/account`: what one has here, who is signed in as one, and the end of it. */
import { UserRound } from "lucide-react";
import { Link, useLocation } from "wouter";
import { forgetOfflineCopies } from "@/collab/offline-copies";
import { Section } from "@/components/ui/section";
import { Empty } from "@/components/ui/states";
import { DeleteAccount } from "@/features/account/delete-account";
import { MyData } from "@/features/account/my-data";
import { PasswordForm } from "@/features/account/password-form";
import { SignInList } from "@/features/account/sign-in-list";
import { WorkspaceLinks } from "@/features/account/workspace-links";
import { sayAccount as words } from "@/lib/messages/account";
import { sayProjects } from "@/lib/messages/pages";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { PlainPage } from "./plain-page";
import { useMe } from "./signed-in";

export const AccountPage = () => {
  const { queries } = useServices();
  const me = useMe();
  const [, navigate] = useLocation();
  if (me.kind === "guest") return <Guest />;
  const leave = async () => {
    await forgetOfflineCopies();
    queries.clear();
    navigate("/signin", { replace: true });
    toast.success(words.deleted);
  };
  return (
    <PlainPage
      title={sayProjects.myAccount}
      about={me.email === null ? me.name : `${me.name} · ${me.email}`}
      back={{ href: "/?list", label: say.top.back }}
    >
      <WorkspaceLinks workspaces={me.workspaces} />
      <SignInList />
      {me.email !== null && <PasswordForm email={me.email} />}
      {me.email === null && <Section title={words.password} hint={words[wayInOf[me.kind]]} />}
      <MyData />
      {me.kind === "account" && <DeleteAccount me={me} onDeleted={() => void leave()} />}
    </PlainPage>
  );
};

/** What is said of the way in to who has no password. */
const wayInOf = { local: "local", account: "noEmail" } as const;

const Guest = () => (
  <main className="flex min-h-dvh">
    <Empty
      icon={UserRound}
      title={words.guest}
      action={
        <Link href="/" className="text-accent underline">
          {say.app.toProjects}
        </Link>
      }
    >
      {words.guestHint}
    </Empty>
  </main>
);
