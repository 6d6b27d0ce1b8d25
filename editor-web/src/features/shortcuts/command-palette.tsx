/** Every command by its name. */
import { Command } from "cmdk";
import { useEffect, useRef } from "react";
import { Keys } from "@/components/ui/tooltip";
import { useFirstKey } from "@/lib/keys/choice";
import { COMMAND_IDS, type CommandId, groupOf } from "@/lib/keys/keymap";
import { useRegistry } from "@/lib/keys/use-commands";
import { sayPalette } from "@/lib/messages/dialogs";
import { say } from "@/lib/messages/screens";

export const CommandPalette = ({ onClose }: { readonly onClose: () => void }) => {
  const keyOf = useFirstKey();
  const registry = useRegistry();
  const element = useRef<HTMLDialogElement>(null);
  const chosen = useRef<CommandId | null>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  const available = COMMAND_IDS.filter((id) => registry.available(id));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes; the click is the one outside it
    <dialog
      ref={element}
      aria-label={sayPalette.title}
      onClose={() => {
        onClose();
        // Only now: what it opens must not be closed along with the palette.
        if (chosen.current) registry.run(chosen.current);
      }}
      onClick={(event) => event.target === element.current && element.current?.close()}
      className="mx-auto mt-[14dvh] w-[min(560px,92vw)] overflow-hidden rounded-panel border border-divider bg-panel p-0 text-text shadow-2xl shadow-canvas backdrop:bg-canvas/60"
    >
      <Command label={sayPalette.title}>
        <Command.Input
          autoFocus
          placeholder={sayPalette.search}
          className="h-11 w-full border-divider border-b bg-transparent px-4 text-heading outline-none placeholder:text-faint"
        />
        <Command.List label={sayPalette.title} className="max-h-[46dvh] overflow-y-auto p-1">
          <Command.Empty className="p-6 text-center text-dim">{sayPalette.none}</Command.Empty>
          {available.map((id) => (
            <Command.Item
              key={id}
              value={`${say.command[id]} ${say.commandGroup[groupOf(id)]}`}
              onSelect={() => {
                chosen.current = id;
                element.current?.close();
              }}
              className="flex h-8 cursor-default items-center justify-between rounded-control px-3 data-[selected=true]:bg-hover"
            >
              {say.command[id]}
              <KeyCaps keys={keyOf(id)} />
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </dialog>
  );
};

const KeyCaps = ({ keys }: { readonly keys: string | undefined }) =>
  keys === undefined ? null : <Keys keys={keys} />;
