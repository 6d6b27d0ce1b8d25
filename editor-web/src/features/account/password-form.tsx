/** Another password: the present one proves who asks. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, TextInput } from "@/components/ui/field";
import { Section } from "@/components/ui/section";
import { changePassword, signInsKey } from "@/lib/api/account";
import { sayAccount as words } from "@/lib/messages/account";
import { useServices } from "@/lib/services";
import { toast } from "@/lib/toast";
import { type Faults, faultsOf, LENGTH_MIN, refusedFaults } from "./password-faults";

export const PasswordForm = ({ email }: { readonly email: string }) => {
  const { api } = useServices();
  const queries = useQueryClient();
  const [present, setPresent] = useState("");
  const [chosen, setChosen] = useState("");
  const [shown, setShown] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const change = useMutation({
    mutationFn: () => changePassword(api, { password: present, new_password: chosen }),
    onSuccess: async () => {
      setPresent("");
      setChosen("");
      toast.success(words.changed);
      await queries.invalidateQueries({ queryKey: signInsKey });
    },
    onError: (cause) => {
      const told = refusedFaults(cause);
      if (told) setFaults(told);
      else toast.error(words.notChanged, { description: cause.message });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = faultsOf(present, chosen);
    setFaults(found);
    if (Object.keys(found).length === 0) return change.mutate();
    const wrong = found.present ? "present" : "chosen";
    event.currentTarget.querySelector<HTMLElement>(`[name=${wrong}]`)?.focus();
  };
  const type = shown ? "text" : "password";
  return (
    <Section title={words.password} hint={words.passwordHint}>
      <form noValidate onSubmit={submit} className="grid gap-3 rounded-panel bg-panel p-4">
        {/* For whoever keeps passwords: whose this one is. */}
        <input hidden readOnly autoComplete="username" value={email} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={words.present} error={faults.present}>
            {(id, note) => (
              <TextInput
                id={id}
                name="present"
                type={type}
                autoComplete="current-password"
                aria-describedby={note}
                aria-invalid={faults.present !== undefined}
                value={present}
                onChange={(event) => setPresent(event.target.value)}
              />
            )}
          </Field>
          <Field label={words.chosen} hint={words.chosenHint(LENGTH_MIN)} error={faults.chosen}>
            {(id, note) => (
              <TextInput
                id={id}
                name="chosen"
                type={type}
                autoComplete="new-password"
                aria-describedby={note}
                aria-invalid={faults.chosen !== undefined}
                value={chosen}
                onChange={(event) => setChosen(event.target.value)}
              />
            )}
          </Field>
        </div>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <label className="flex items-center gap-2 text-dim">
            <input
              type="checkbox"
              className="switch"
              checked={shown}
              onChange={(event) => setShown(event.target.checked)}
            />
            {words.show}
          </label>
          <Button type="submit" look="primary" disabled={change.isPending}>
            {words.change}
          </Button>
        </div>
      </form>
    </Section>
  );
};
