/** The keys of one command: shown, and changed by pressing new ones; a conflict is told at once. */
import { Pencil, RotateCcw, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { Keys } from "@/components/ui/tooltip";
import { remapped } from "@/lib/keys/bindings";
import { keepKeys, useKeys } from "@/lib/keys/choice";
import { chordsOf } from "@/lib/keys/chord";
import { type CommandId, isBindable } from "@/lib/keys/keymap";
import { sayShortcuts } from "@/lib/messages/dialogs";
import { say } from "@/lib/messages/screens";

const MODIFIERS: ReadonlySet<string> = new Set(["Control", "Shift", "Alt", "Meta", "CapsLock"]);
const SHOWN_MAX = 2; // more key caps than that push the name away

type RowState =
  | { readonly kind: "shown" }
  | { readonly kind: "listening" }
  | { readonly kind: "conflict"; readonly chord: string; readonly holder: CommandId }
  | { readonly kind: "refused"; readonly chord: string };

export const KeyRow = ({ id }: { readonly id: CommandId }) => {
  const { bindings, preset, remaps } = useKeys();
  const [state, setState] = useState<RowState>({ kind: "shown" });
  const keys = bindings.keysOf(id);
  const name = say.command[id];
  const give = (chords: readonly string[]) => {
    setState({ kind: "shown" });
    void keepKeys({ preset, remaps: remapped(bindings, remaps, id, chords) });
  };
  const pressed = (chord: string) => {
    const holder = bindings.conflict(id, chord);
    if (!isBindable(chord)) setState({ kind: "refused", chord });
    else if (holder !== undefined) setState({ kind: "conflict", chord, holder });
    else give([chord]);
  };
  const reset = () => {
    const left = Object.entries(remaps).filter(([other]) => other !== id);
    void keepKeys({ preset, remaps: Object.fromEntries(left) });
  };
  return (
    <li className="group flex min-h-7 flex-wrap items-center justify-between gap-x-3 rounded-control text-dense text-dim hover:bg-hover/50">
      <span className="min-w-0 flex-1">{name}</span>
      {state.kind === "listening" ? (
        <Recorder name={name} onChord={pressed} onLeave={() => setState({ kind: "shown" })} />
      ) : (
        <span className="flex items-center gap-1.5">
          {keys.slice(0, SHOWN_MAX).map((chord) => (
            <Keys key={chord} keys={chord} />
          ))}
          <span className="flex opacity-0 focus-within:opacity-100 group-hover:opacity-100">
            {Object.hasOwn(remaps, id) && (
              <IconButton
                label={sayShortcuts.usual(name)}
                icon={RotateCcw}
                iconSize={12}
                className="size-6"
                onClick={reset}
              />
            )}
            {keys.length > 0 && (
              <IconButton
                label={sayShortcuts.clear(name)}
                icon={X}
                iconSize={12}
                className="size-6"
                onClick={() => give([])}
              />
            )}
            <IconButton
              label={sayShortcuts.change(name)}
              icon={Pencil}
              iconSize={12}
              className="size-6"
              onClick={() => setState({ kind: "listening" })}
            />
          </span>
        </span>
      )}
      {state.kind === "conflict" && (
        <p role="alert" className="flex w-full items-center justify-end gap-2 pb-1 text-warn">
          {sayShortcuts.conflict(state.chord, say.command[state.holder])}
          <Button small onClick={() => give([state.chord])}>
            {sayShortcuts.takeOver}
          </Button>
          <Button small look="ghost" onClick={() => setState({ kind: "shown" })}>
            {sayShortcuts.keep}
          </Button>
        </p>
      )}
      {state.kind === "refused" && (
        <p role="alert" className="w-full pb-1 text-end text-bad">
          {sayShortcuts.browsers(state.chord)}
        </p>
      )}
    </li>
  );
};

type RecorderProps = {
  readonly name: string;
  readonly onChord: (chord: string) => void;
  readonly onLeave: () => void;
};

const Recorder = ({ name, onChord, onLeave }: RecorderProps) => {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <input
      ref={field}
      readOnly
      aria-label={sayShortcuts.listening(name)}
      value={sayShortcuts.press}
      onBlur={onLeave}
      onKeyDown={(event) => {
        if (event.key === "Tab") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") onLeave();
        else if (!MODIFIERS.has(event.key)) onChord(chordsOf(event.nativeEvent)[0] ?? event.key);
      }}
      className="h-6 w-52 rounded-control border border-accent bg-field px-2 text-center text-accent outline-none"
    />
  );
};
