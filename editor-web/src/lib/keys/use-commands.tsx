/** The registry of this page, and hooks that answer commands while a component is shown. */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { followKeptKeys, useKeys } from "./choice";
import type { CommandId } from "./keymap";
import { CommandRegistry, type Handler, listenForKeys } from "./registry";

const Context = createContext<CommandRegistry | null>(null);

type ProviderProps = { readonly children: ReactNode; readonly onDigit: (digit: string) => void };

export const CommandProvider = ({ children, onDigit }: ProviderProps) => {
  const [registry] = useState(() => new CommandRegistry(() => useKeys.getState().bindings));
  const digit = useRef(onDigit);
  digit.current = onDigit;
  useEffect(followKeptKeys, []);
  useEffect(() => listenForKeys(registry, (typed) => digit.current(typed)), [registry]);
  return <Context value={registry}>{children}</Context>;
};

export function useRegistry(): CommandRegistry {
  const registry = useContext(Context);
  if (!registry) throw new Error("useRegistry needs a CommandProvider above it");
  return registry;
}

/** Answers these commands while the component is shown, always with its newest closures. */
export function useCommands(handlers: Partial<Record<CommandId, Handler>>): void {
  const registry = useRegistry();
  const newest = useRef(handlers);
  newest.current = handlers;
  const ids = Object.keys(handlers).sort().join(" ");
  useEffect(() => {
    const entries = (ids.split(" ") as CommandId[]).map(
      (id) => [id, () => newest.current[id]?.()] as const,
    );
    return registry.register(Object.fromEntries(entries));
  }, [registry, ids]);
}
