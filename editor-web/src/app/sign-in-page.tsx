/** The doors: a password, a share link, an invite. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { Button } from "@/components/ui/button";
import { Field, TextInput } from "@/components/ui/field";
import { fetchMe, resetPassword, signIn, signUp } from "@/lib/api/session";
import type { SignIn } from "@/lib/api/types";
import { saySignIn } from "@/lib/messages/pages";
import { useServices } from "@/lib/services";
import { DoorCard } from "./door-card";
import { OpenIdEntry, toldFault, useWays } from "./openid-entry";
import { meKey } from "./signed-in";
import { Told, ToldBox } from "./told";

const words = saySignIn;

/** Only a path of this site, as the browser reads it: a link must not send people elsewhere after they signed in. */
export const safeNext = (search: string): string => {
  const next = new URLSearchParams(search).get("next") ?? "/";
  const { origin } = window.location;
  const url = next.startsWith("/") && URL.canParse(next, origin) ? new URL(next, origin) : null;
  return url?.origin === origin ? url.pathname + url.search : "/";
};

export const SignInPage = () => {
  const { api, queries } = useServices();
  const [, navigate] = useLocation();
  const search = useSearch();
  const ways = useWays();
  const [making, setMaking] = useState(false);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const enter = useMutation({
    mutationFn: async () => {
      if (making) await signUp(api, { email, password, name });
      await signIn(api, { email, password });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: meKey });
      navigate(safeNext(search), { replace: true });
    },
  });
  const fault = toldFault(search, ways?.openid?.name ?? words.provider);
  return (
    <DoorCard title={words.title} intro={words.intro}>
      {fault && enter.isIdle && (
        <div className="mb-3">
          <ToldBox>{fault}</ToldBox>
        </div>
      )}
      {ways?.openid && (
        <OpenIdEntry label={words.with(ways.openid.name)} start={{ next: safeNext(search) }} />
      )}
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        {making && (
          <Field label={words.name}>
            {(id) => (
              <TextInput
                id={id}
                required
                autoComplete="name"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
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
        <Field label={words.password}>
          {(id) => (
            <TextInput
              id={id}
              type="password"
              required
              autoComplete={making ? "new-password" : "current-password"}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Told error={enter.error} />
        <Button type="submit" look="primary" disabled={enter.isPending} className="mt-1 h-8">
          {making ? words.create : words.submit}
        </Button>
        {ways?.signup !== "invite" && (
          <Button look="ghost" onClick={() => setMaking(!making)}>
            {making ? words.toSignIn : words.toCreate}
          </Button>
        )}
        {!making && ways?.reset_by_mail && (
          <Link
            href="/forgot"
            className="self-center rounded-control text-dim underline hover:text-text"
          >
            {words.forgot}
          </Link>
        )}
        {!making && <p className="text-center text-dense text-faint">{words.local}</p>}
      </form>
    </DoorCard>
  );
};

/** The key of the fragment; it must not stay in the address, where screenshots and history keep it. */
function useKey(): string {
  const [key] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, []);
  return key;
}

const NAME_KEY = "cutroom:guest-name";

const NamedEntry = ({
  title,
  intro,
  bodyOf,
  children,
}: {
  title: string;
  intro: string;
  bodyOf: (name: string) => SignIn;
  children?: React.ReactNode;
}) => {
  const { api, queries } = useServices();
  const [, navigate] = useLocation();
  const [name, setName] = useState(() => localStorage.getItem(NAME_KEY) ?? "");
  const enter = useMutation({
    mutationFn: async () => {
      await signIn(api, bodyOf(name.trim()));
      return fetchMe(api);
    },
    onSuccess: (me) => {
      localStorage.setItem(NAME_KEY, name.trim());
      queries.setQueryData(meKey, me);
      navigate(me.project ? `/p/${me.project}` : "/", { replace: true });
    },
  });
  return (
    <DoorCard title={title} intro={intro}>
      {children}
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") enter.mutate();
        }}
      >
        <Field label={words.name}>
          {(id) => (
            <TextInput
              id={id}
              required
              maxLength={80}
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Told error={enter.error} />
        <Button type="submit" look="primary" disabled={enter.isPending} className="mt-1 h-8">
          {words.shareSubmit}
        </Button>
      </form>
    </DoorCard>
  );
};

/** By the one-time link of a mail, or that `cutroom account reset` prints. */
export const ResetPage = () => {
  const { api, queries } = useServices();
  const [, navigate] = useLocation();
  const key = useKey();
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => resetPassword(api, { key, password }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: meKey }); // every sign-in has ended, this one too
      navigate("/signin", { replace: true });
    },
  });
  return (
    <DoorCard title={words.resetTitle} intro={words.resetIntro}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate();
        }}
      >
        <Field label={words.newPassword}>
          {(id) => (
            <TextInput
              id={id}
              type="password"
              required
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Told error={reset.error} />
        <Button type="submit" look="primary" disabled={reset.isPending} className="mt-1 h-8">
          {words.resetSubmit}
        </Button>
      </form>
    </DoorCard>
  );
};

export const SharePage = () => {
  const share = useKey();
  return (
    <NamedEntry
      title={words.shareTitle}
      intro={words.shareIntro}
      bodyOf={(name) => ({ share, name })}
    />
  );
};

export const JoinPage = () => {
  const invite = useKey();
  const ways = useWays();
  return (
    <NamedEntry
      title={words.joinTitle}
      intro={words.shareIntro}
      bodyOf={(name) => ({ invite, name })}
    >
      {ways?.openid && <OpenIdEntry label={words.joinWith(ways.openid.name)} start={{ invite }} />}
    </NamedEntry>
  );
};
