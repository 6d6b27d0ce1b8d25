/** Every key, by what it is for; and what the mouse does with keys held. */
import { Search } from "lucide-react";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { TextInput } from "@/components/ui/field";
import { Empty } from "@/components/ui/states";
import { Keys } from "@/components/ui/tooltip";
import { COMMAND_IDS, type CommandGroup, groupOf, keysOf } from "@/lib/keys/keymap";
import { sayShortcuts } from "@/lib/messages/dialogs";
import { say } from "@/lib/messages/screens";

const GROUPS = [
  "play",
  "edit",
  "select",
  "tools",
  "view",
  "project",
] as const satisfies readonly CommandGroup[];

export const ShortcutsDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [typed, setTyped] = useState("");
  const sought = typed.trim().toLocaleLowerCase();
  const found = COMMAND_IDS.filter(
    (id) =>
      say.command[id].toLocaleLowerCase().includes(sought) ||
      keysOf(id).some((keys) => keys.toLocaleLowerCase() === sought),
  );
  const gestures = sayShortcuts.gestures.filter((pair) =>
    pair.join(" ").toLocaleLowerCase().includes(sought),
  );
  return (
    <Dialog title={sayShortcuts.title} closeLabel={say.common.close} onClose={onClose} width="wide">
      <span className="relative mb-4 block">
        <Search size={14} aria-hidden="true" className="absolute start-2 top-1.5 text-faint" />
        <TextInput
          type="search"
          aria-label={sayShortcuts.search}
          placeholder={sayShortcuts.search}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="ps-7"
        />
      </span>
      {found.length === 0 && gestures.length === 0 && (
        <Empty icon={Search} title={sayShortcuts.none} />
      )}
      <div className="columns-1 gap-8 md:columns-2">
        {GROUPS.map((group) => {
          const commands = found.filter((id) => groupOf(id) === group);
          if (commands.length === 0) return null;
          return (
            <section key={group} className="mb-4 break-inside-avoid">
              <h3 className="mb-1 font-semibold">{say.commandGroup[group]}</h3>
              <ul>
                {commands.map((id) => (
                  <li
                    key={id}
                    className="flex min-h-6 items-center justify-between gap-4 text-dense text-dim"
                  >
                    {say.command[id]}
                    <span className="flex gap-2">
                      {keysOf(id)
                        .slice(0, 2)
                        .map((keys) => (
                          <Keys key={keys} keys={keys} />
                        ))}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
        {gestures.length > 0 && (
          <section className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-semibold">{sayShortcuts.mouse}</h3>
            <ul>
              {gestures.map(([gesture, does]) => (
                <li
                  key={gesture}
                  className="flex min-h-6 items-center justify-between gap-4 text-dense text-dim"
                >
                  {does}
                  <span className="text-end text-faint">{gesture}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Dialog>
  );
};
