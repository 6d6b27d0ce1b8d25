/** Says for each workspace what becomes of it, and asks for the password. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Link } from "wouter";
import { Button, ButtonRow } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FailedCall } from "@/components/ui/failed-call";
import { Field, TextInput } from "@/components/ui/field";
import { deleteAccount } from "@/lib/api/account";
import type { Me } from "@/lib/api/types";
import { sayAccount as words } from "@/lib/messages/account";
import { say } from "@/lib/messages/screens";
import { useServices } from "@/lib/services";
import { refusedFaults } from "./password-faults";
import { type Fates, useFates } from "./use-fates";

type DeletionDialogProps = {
  readonly me: Me;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
};

export const DeletionDialog = ({ me, onDeleted, onClose }: DeletionDialogProps) => {
  const { api } = useServices();
  const asked = useFates(me);
  const fates = asked.data;
  const [password, setPassword] = useState("");
  const [understood, setUnderstood] = useState(false);
  const form = useId();
  // With an email one may still sign in by a provider alone: the server knows, and asks for none then.
  const mayHavePassword = me.email !== null;
  const ending = useMutation({
    mutationFn: () => deleteAccount(api, password === "" ? null : password),
    onSuccess: onDeleted,
  });
  const ready = fates?.waits.length === 0 && understood && !ending.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) ending.mutate();
  };
  return (
    <Dialog
      title={words.deleteTitle}
      closeLabel={say.common.close}
      onClose={onClose}
      footer={
        <ButtonRow>
          <Button onClick={onClose}>{say.common.cancel}</Button>
          <Button type="submit" form={form} look="danger" disabled={!ready}>
            {words.deleteNow}
          </Button>
        </ButtonRow>
      }
    >
      <form id={form} noValidate onSubmit={submit} className="grid gap-4">
        {asked.isLoadingError && (
          <FailedCall
            error={asked.error}
            title={words.fateFailed}
            onRetry={() => void asked.refetch()}
          />
        )}
        {asked.isPending && <p role="status">{words.asking}</p>}
        {fates && <Told fates={fates} />}
        {fates?.waits.length === 0 && (
          <>
            {mayHavePassword && (
              <Field
                label={words.confirm}
                hint={words.confirmHint}
                error={refusedFaults(ending.error)?.present}
              >
                {(id, note) => (
                  <TextInput
                    id={id}
                    type="password"
                    autoComplete="current-password"
                    aria-describedby={note}
                    value={password}
                    onChange={(event) => setPassword(event.target.value)}
                  />
                )}
              </Field>
            )}
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                className="switch"
                checked={understood}
                onChange={(event) => setUnderstood(event.target.checked)}
              />
              {words.understood}
            </label>
          </>
        )}
        {ending.isError && (
          <p role="alert" className="text-bad">
            {refusedFaults(ending.error)?.present ?? `${words.notDeleted}: ${ending.error.message}`}
          </p>
        )}
      </form>
    </Dialog>
  );
};

const Told = ({ fates: { closes, stays, waits } }: { readonly fates: Fates }) => (
  <>
    {waits.length > 0 && (
      <Part title={words.waits} tone="text-warn">
        <li>{words.waitsHint}</li>
        {waits.map(({ id, name }) => (
          <li key={id}>
            <Link href={`/w/${id}`} className="text-accent underline">
              {words.handOver(name)}
            </Link>
          </li>
        ))}
      </Part>
    )}
    <Part title={words.goes} tone="text-bad">
      <li>{words.goesYou}</li>
      {closes.map(({ id, name }) => (
        <li key={id}>{words.closes(name)}</li>
      ))}
    </Part>
    <Part title={words.stays} tone="text-text">
      {stays.map(({ id, name }) => (
        <li key={id}>{words.staysWith(name)}</li>
      ))}
      <li>{words.staysWords}</li>
      <li>{words.staysBooks}</li>
    </Part>
  </>
);

type PartProps = { readonly title: string; readonly tone: string; readonly children: ReactNode };

const Part = ({ title, tone, children }: PartProps) => (
  <section>
    <h3 className={`mb-1 font-semibold ${tone}`}>{title}</h3>
    <ul className="grid list-disc gap-1 ps-5 text-dim">{children}</ul>
  </section>
);
