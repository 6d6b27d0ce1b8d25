/** What a person chose comes from the account and goes to it; a guest's stays in this browser. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { changePreferences, fetchPreferences } from "@/lib/api/preferences";
import { usePreferences } from "@/lib/preferences";
import { ProblemError } from "@/lib/problem";
import { useServices } from "@/lib/services";
import { useMe } from "./signed-in";

const SEND_AFTER_MS = 500; // several choices in a row are one call

export function useAccountPreferences(): void {
  const { api } = useServices();
  const hasAccount = useMe().kind !== "guest";
  const { data } = useQuery({
    queryKey: ["preferences"],
    queryFn: () => fetchPreferences(api),
    enabled: hasAccount,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => {
    if (data) usePreferences.getState().heard(data);
  }, [data]);
  useEffect(() => {
    if (!hasAccount) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = async (): Promise<void> => {
      clearTimeout(timer);
      const { unsent, sent } = usePreferences.getState();
      if (Object.keys(unsent).length === 0) return;
      try {
        await changePreferences(api, { ...unsent });
        sent(unsent);
      } catch (cause) {
        // It stays in this browser, and goes along with the next choice.
        if (!(cause instanceof ProblemError)) throw cause;
      }
    };
    const stop = usePreferences.subscribe((now, before) => {
      if (now.unsent === before.unsent) return;
      clearTimeout(timer);
      timer = setTimeout(() => void send(), SEND_AFTER_MS);
    });
    const sendNow = () => void send();
    sendNow(); // what an earlier visit could not say
    window.addEventListener("pagehide", sendNow);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", sendNow);
      stop();
    };
  }, [api, hasAccount]);
}
