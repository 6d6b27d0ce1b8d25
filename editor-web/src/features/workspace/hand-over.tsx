/** Another owner for a workspace, in one step that leaves it with one. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field, Select } from "@/components/ui/field";
import { Section } from "@/components/ui/section";
import type { Role } from "@/lib/api/types";
import { handOver } from "@/lib/api/workspaces";
import { sayProjects } from "@/lib/messages/pages";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { RoleSelect } from "./role-select";
import { ROLES } from "./standing";
import { useMembers } from "./use-members";

type HandOverProps = {
  readonly workspace: string;
  readonly me: string;
  readonly onHandedOver: () => void;
};

export const HandOver = ({ workspace, me, onHandedOver }: HandOverProps) => {
  const { api } = useServices();
  const members = useMembers(workspace).data?.items;
  const others = members?.filter(({ id }) => id !== me) ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [become, setBecome] = useState<Role>("editor");
  const [asked, setAsked] = useState(false);
  const heir = others.find(({ id }) => id === chosen) ?? others[0];
  const giving = useMutation({
    mutationFn: (user: string) => handOver(api, workspace, { user, become }),
    onSuccess: () => {
      if (heir) toast.success(words.handedOver(heir.name));
      onHandedOver();
    },
    onError: (cause) => toast.error(words.notHandedOver, { description: cause.message }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
  };
  return (
    <Section title={words.handOver} hint={words.handOverHint}>
      {members && others.length === 0 && <p className="text-dim">{words.nobodyElse}</p>}
      {heir && (
        <form
          onSubmit={submit}
          className="grid items-end gap-3 rounded-panel bg-panel p-4 sm:grid-cols-[1fr_1fr_auto]"
        >
          <Field label={words.to}>
            {(id) => (
              <Select id={id} value={heir.id} onChange={(event) => setChosen(event.target.value)}>
                {others.map(({ id: user, name, email }) => (
                  <option key={user} value={user}>
                    {email === null ? name : `${name} · ${email}`}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={words.become}>
            {(id) => (
              <RoleSelect id={id} roles={ROLES.slice(1)} value={become} onChoose={setBecome} />
            )}
          </Field>
          <Button type="submit" look="danger" disabled={giving.isPending}>
            {words.handOverButton}
          </Button>
        </form>
      )}
      {asked && heir && (
        <ConfirmDialog
          title={words.handOverTitle(heir.name)}
          action={words.handOverNow}
          onConfirm={() => giving.mutate(heir.id)}
          onClose={() => setAsked(false)}
        >
          <p className="text-dim">{words.handOverMeaning(sayProjects.roles[become])}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
};
