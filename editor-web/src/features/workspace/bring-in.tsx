/** One form for everybody who is to come: a member at once, or by a link. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { CopyField } from "@/components/ui/copy-field";
import { Field, TextInput } from "@/components/ui/field";
import { Section } from "@/components/ui/section";
import type { Invite, Role } from "@/lib/api/types";
import { bringIn, invitesKey, membersKey } from "@/lib/api/workspaces";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { RoleSelect } from "./role-select";
import { ROLES } from "./standing";

export const BringIn = ({ workspace }: { readonly workspace: string }) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [made, setMade] = useState<Invite | null>(null);
  const adding = useMutation({
    mutationFn: () => {
      const typed = email.trim();
      return bringIn(api, workspace, typed === "" ? { role } : { role, email: typed });
    },
    onSuccess: (came) => {
      setEmail("");
      setMade(came.kind === "invite" ? came.invite : null);
      if (came.kind === "member") toast.success(words.joined(came.member.name));
      const key = came.kind === "invite" ? invitesKey(workspace) : membersKey(workspace);
      return queries.invalidateQueries({ queryKey: key });
    },
    onError: () => setMade(null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <Section title={words.bringIn} hint={words.bringInHint}>
      <form noValidate onSubmit={submit} className="grid gap-3 rounded-panel bg-panel p-4">
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field label={words.email} hint={words.emailHint} error={faultOf(adding.error)}>
            {(id, note) => (
              <TextInput
                id={id}
                type="email"
                autoComplete="off"
                aria-describedby={note}
                aria-invalid={adding.isError}
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label={words.role}>
            {(id) => <RoleSelect id={id} roles={ROLES} value={role} onChoose={setRole} />}
          </Field>
        </div>
        <div className="grid">
          <Button
            type="submit"
            look="primary"
            icon={UserPlus}
            disabled={adding.isPending}
            className="justify-self-end"
          >
            {words.add}
          </Button>
          <div role="status">{made && <MadeInvite invite={made} />}</div>
        </div>
      </form>
    </Section>
  );
};

const faultOf = (cause: Error | null): string | undefined => {
  if (cause === null) return undefined;
  const status = cause instanceof ProblemError ? cause.problem.status : 0;
  if (status === 409) return words.already;
  return status === 422 ? words.badEmail : `${words.notAdded}: ${cause.message}`;
};

const toldOf = ({ email, mailed }: Invite): string =>
  mailed && email !== null ? words.mailed(email) : words.made(email);

const MadeInvite = ({ invite }: { readonly invite: Invite }) => (
  <div className="mt-3 grid gap-2 rounded-control border border-accent/60 p-3">
    <p>
      {toldOf(invite)} <span className="text-dim">{words.onceHint}</span>
    </p>
    <CopyField
      label={toldOf(invite)}
      copyLabel={words.copyLink}
      value={new URL(invite.url ?? "", window.location.href).href}
    />
  </div>
);
