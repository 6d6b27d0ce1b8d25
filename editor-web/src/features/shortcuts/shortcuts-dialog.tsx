/** Every key, by what it is for, changed in place; and what the mouse does with keys held. */
import { Search } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TextInput } from "@/components/ui/field";
import { Empty } from "@/components/ui/states";
import { keyChoiceOf, PRESETS, type PresetId } from "@/lib/keys/bindings";
import { keepKeys, useKeys } from "@/lib/keys/choice";
import { COMMAND_IDS, type CommandGroup, groupOf } from "@/lib/keys/keymap";
import { sayShortcuts } from "@/lib/messages/dialogs";
import { say } from "@/lib/messages/screens";
import { saveFile } from "@/lib/save-file";
import { toast } from "@/lib/toast";
import { KeyRow } from "./key-recorder";

const GROUPS = [
  "play",
  "edit",
  "select",
  "tools",
  "view",
  "project",
  "media",
] as const satisfies readonly CommandGroup[];

const FILE_BYTES_MAX = 65_536; // all commands remapped are below 8 kB

export const ShortcutsDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const [typed, setTyped] = useState("");
  const bindings = useKeys((keys) => keys.bindings);
  const sought = typed.trim().toLocaleLowerCase();
  const found = COMMAND_IDS.filter(
    (id) =>
      say.command[id].toLocaleLowerCase().includes(sought) ||
      bindings.keysOf(id).some((keys) => keys.toLocaleLowerCase() === sought),
  );
  const gestures = sayShortcuts.gestures.filter((pair) =>
    pair.join(" ").toLocaleLowerCase().includes(sought),
  );
  return (
    <Dialog
      title={sayShortcuts.title}
      closeLabel={say.common.close}
      onClose={onClose}
      width="wide"
      footer={<Files />}
    >
      <div className="mb-4 flex items-end gap-3">
        <span className="relative block flex-1">
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
        <PresetChoice />
      </div>
      {found.length === 0 && gestures.length === 0 && (
        <Empty icon={Search} title={sayShortcuts.none} />
      )}
      <div className="columns-1 gap-8 md:columns-2">
        {GROUPS.map((group) => {
          const commands = found.filter((id) => groupOf(id) === group);
          if (commands.length === 0) return null;
          return (
            <section key={group} className="mb-4 break-inside-avoid-column">
              <h3 className="mb-1 font-semibold">{say.commandGroup[group]}</h3>
              <ul>
                {commands.map((id) => (
                  <KeyRow key={id} id={id} />
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

const PresetChoice = () => {
  const preset = useKeys((keys) => keys.preset);
  return (
    <div className="w-48">
      <Field label={sayShortcuts.preset}>
        {(id) => (
          <Select
            id={id}
            value={preset}
            onChange={(event) =>
              void keepKeys({ preset: event.target.value as PresetId, remaps: {} })
            }
          >
            {PRESETS.map((each) => (
              <option key={each} value={each}>
                {sayShortcuts.presets[each]}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
};

const Files = () => {
  const { preset, remaps } = useKeys();
  const picker = useRef<HTMLInputElement>(null);
  const changes = Object.keys(remaps).length;
  const load = async (file: File | undefined) => {
    if (!file) return;
    const choice = file.size > FILE_BYTES_MAX ? null : choiceIn(await file.text());
    if (choice === null) {
      toast.error(sayShortcuts.badFile);
      return;
    }
    await keepKeys(choice);
    toast.success(sayShortcuts.loaded(Object.keys(choice.remaps).length));
  };
  return (
    <div className="flex items-center gap-2">
      <Button
        onClick={() =>
          saveFile(
            "cutroom-shortcuts.json",
            "application/json",
            `${JSON.stringify({ preset, remaps }, null, 2)}\n`,
          )
        }
      >
        {sayShortcuts.save}
      </Button>
      <Button onClick={() => picker.current?.click()}>{sayShortcuts.load}</Button>
      <span className="flex-1" />
      <Button
        look="ghost"
        disabled={changes === 0}
        onClick={() => void keepKeys({ preset, remaps: {} })}
      >
        {sayShortcuts.restore}
      </Button>
      <input
        ref={picker}
        type="file"
        hidden
        accept="application/json,.json"
        aria-label={sayShortcuts.load}
        onChange={(event) => {
          void load(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </div>
  );
};

function choiceIn(text: string) {
  try {
    return keyChoiceOf(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}
