/** A new token: it is shown until it is put away, and never again. */
import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CopyField } from "@/components/ui/copy-field";
import { Field, Select } from "@/components/ui/field";
import type { Role } from "@/lib/api/types";
import { makeToken } from "@/lib/api/workspaces";
import { sayWorkspace as words } from "@/lib/messages/workspace";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { RoleSelect } from "./role-select";
import { ROLES } from "./standing";

const DAYS = [7, 30, 90, 366] as const; // the last is the most that the server gives
const DAYS_USUAL = 90;
const DAY_SECONDS = 86_400;

type MakeTokenProps = { readonly workspace: string; readonly onMade: () => void };

export const MakeToken = ({ workspace, onMade }: MakeTokenProps) => {
  const { api } = useServices();
  const [role, setRole] = useState<Role>("editor");
  const [days, setDays] = useState<number>(DAYS_USUAL);
  const make = useMutation({
    mutationFn: () => makeToken(api, workspace, { role, ttl: days * DAY_SECONDS }),
    onSuccess: onMade,
    onError: (cause) => toast.error(words.notMade, { description: cause.message }),
  });
  if (make.data?.token) return <Made token={make.data.token} onDone={() => make.reset()} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form
      onSubmit={submit}
      className="grid items-end gap-3 rounded-panel bg-panel p-4 sm:grid-cols-[2fr_1fr_auto]"
    >
      <Field label={words.role}>
        {(id) => <RoleSelect id={id} roles={ROLES} value={role} onChoose={setRole} />}
      </Field>
      <Field label={words.lasts}>
        {(id) => (
          <Select id={id} value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {words.days(count)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" look="primary" icon={KeyRound} disabled={make.isPending}>
        {words.makeToken}
      </Button>
    </form>
  );
};

const Made = ({ token, onDone }: { readonly token: string; readonly onDone: () => void }) => {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div className="grid gap-3 rounded-panel border border-accent/60 bg-panel p-4">
      <div>
        <h3 ref={title} tabIndex={-1} className="font-semibold">
          {words.tokenMade}
        </h3>
        <p className="text-dim">{words.tokenOnce}</p>
      </div>
      <CopyField label={words.token} copyLabel={words.copyToken} value={token} />
      <Button className="justify-self-end" onClick={onDone}>
        {words.tokenDone}
      </Button>
    </div>
  );
};
