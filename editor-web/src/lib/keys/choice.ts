/** The keys of this person now, for everything that answers or shows them. */
import { create } from "zustand";
import { usePreferences } from "@/lib/preferences";
import {
  Bindings,
  type KeyChoice,
  type KeyTable,
  keyChoiceOf,
  type PresetId,
  USUAL_CHOICE,
} from "./bindings";
import type { CommandId } from "./keymap";

interface Keys extends KeyChoice {
  readonly bindings: Bindings;
}

export const useKeys = create<Keys>()(() => ({ ...USUAL_CHOICE, bindings: new Bindings() }));

type PresetFile = { readonly default: { readonly editor: KeyTable; readonly media: KeyTable } };

const FILES: Readonly<Record<Exclude<PresetId, "cutroom">, () => Promise<PresetFile>>> = {
  premiere: () => import("./presets/premiere.json") as Promise<PresetFile>,
  resolve: () => import("./presets/resolve.json") as Promise<PresetFile>,
  "final-cut": () => import("./presets/final-cut.json") as Promise<PresetFile>,
  capcut: () => import("./presets/capcut.json") as Promise<PresetFile>,
};

/** A preset's table; Cutroom's own is empty, since it is what the others lie over. */
export async function presetTable(preset: PresetId): Promise<KeyTable> {
  if (preset === "cutroom") return {};
  const { editor, media } = (await FILES[preset]()).default;
  return { ...editor, ...media };
}

let asked = 0;

/** Takes a choice over, as soon as its preset is here. */
export async function chooseKeys(choice: KeyChoice): Promise<void> {
  asked += 1;
  const mine = asked;
  const bindings = new Bindings(await presetTable(choice.preset), choice.remaps);
  if (mine === asked) useKeys.setState({ ...choice, bindings });
}

/** Takes a choice over and keeps it with the account. */
export function keepKeys(choice: KeyChoice): Promise<void> {
  usePreferences.getState().put({ shortcuts: choice });
  return chooseKeys(choice);
}

/** Follows what the account, or this browser, has kept. */
export function followKeptKeys(): () => void {
  const follow = (kept: unknown): void => {
    const choice = keyChoiceOf(kept) ?? USUAL_CHOICE;
    const now = useKeys.getState();
    const same = choice.preset === now.preset && sameTable(choice.remaps, now.remaps);
    if (!same) void chooseKeys(choice);
  };
  follow(usePreferences.getState().values.shortcuts);
  return usePreferences.subscribe((now, before) => {
    if (now.values.shortcuts !== before.values.shortcuts) follow(now.values.shortcuts);
  });
}

const sameTable = (one: KeyTable, other: KeyTable): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The first key of a command as it is now; outside of what is drawn. */
export const firstKey = (id: CommandId): string | undefined =>
  useKeys.getState().bindings.firstKey(id);

/** A function that tells first keys, and draws again when somebody changes them. */
export function useFirstKey(): (id: CommandId) => string | undefined {
  const bindings = useKeys((keys) => keys.bindings);
  return (id) => bindings.firstKey(id);
}
