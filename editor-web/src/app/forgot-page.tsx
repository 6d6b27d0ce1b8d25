/** Asking for a link to a new password. Whether an account has the email is not told. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "@/components/ui/button";
import { Field, TextInput } from "@/components/ui/field";
import { askForReset } from "@/lib/api/session";
import { saySignIn as words } from "@/lib/messages/pages";
import { useServices } from "@/lib/services";
import { DoorCard } from "./door-card";
import { Told } from "./told";

export const ForgotPage = () => {
  const { api } = useServices();
  const [email, setEmail] = useState("");
  const asking = useMutation({ mutationFn: () => askForReset(api, email) });
  return (
    <DoorCard title={words.forgotTitle} intro={words.forgotIntro}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          asking.mutate();
        }}
      >
        <Field label={words.email}>
          {(id) => (
            <TextInput
              id={id}
              type="email"
              required
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Told error={asking.error} />
        <p role="status" className="text-dense text-dim empty:hidden">
          {asking.isSuccess && words.forgotSent}
        </p>
        <Button type="submit" look="primary" disabled={asking.isPending} className="mt-1 h-8">
          {words.forgotSubmit}
        </Button>
        <Link
          href="/signin"
          className="self-center rounded-control text-dim underline hover:text-text"
        >
          {words.back}
        </Link>
      </form>
    </DoorCard>
  );
};
