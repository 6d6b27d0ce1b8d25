/** Who answers a command now. Keys, the palette and buttons all end here. */
import { chordsOf, type KeyPress } from "./chord";
import { type CommandId, commandFor, groupOf } from "./keymap";

export type Handler = () => void;

export class CommandRegistry {
  readonly #handlers = new Map<CommandId, Handler>();

  /** The latest registration answers; the function given back takes it away again. */
  register(handlers: Partial<Record<CommandId, Handler>>): () => void {
    const mine = Object.entries(handlers) as [CommandId, Handler][];
    for (const [id, handler] of mine) this.#handlers.set(id, handler);
    return () => {
      for (const [id, handler] of mine) {
        if (this.#handlers.get(id) === handler) this.#handlers.delete(id);
      }
    };
  }

  available(id: CommandId): boolean {
    return this.#handlers.has(id);
  }

  run(id: CommandId): boolean {
    const handler = this.#handlers.get(id);
    handler?.();
    return handler !== undefined;
  }

  commandOf(press: KeyPress): CommandId | undefined {
    for (const chord of chordsOf(press)) {
      const id = commandFor(chord);
      if (id !== undefined && this.#handlers.has(id)) return id;
    }
    return undefined;
  }
}

const TYPED_INTO = "input:not([type=range]), textarea, select, [contenteditable=true]";
const OWN_KEYS = "[role=menu], [role=listbox]";
const OPEN_ABOVE = "dialog[open]";
const OWN_ARROWS =
  "[role=slider], [role=tab], [role=separator], [role=spinbutton], input[type=range]";

/** Whether a press belongs to what has the focus, not to the editor. */
export function belongsToFocus(target: EventTarget | null, key: string): boolean {
  // A dialog keeps its keys even while a disabled button has let the focus fall to the page.
  if (document.querySelector(OPEN_ABOVE)) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest(OWN_KEYS)) return true;
  if (target.matches(TYPED_INTO)) return true;
  const walks = key.startsWith("Arrow") || key === "Home" || key === "End";
  return walks && target.matches(OWN_ARROWS);
}

/** Listens on the window until the answered function is called. */
export function listenForKeys(
  registry: CommandRegistry,
  onDigit: (digit: string) => void,
): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (belongsToFocus(event.target, event.key)) return;
    const id = registry.commandOf(event);
    if (id === undefined) {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && /^\d$/.test(event.key)) {
        event.preventDefault();
        onDigit(event.key);
      }
      return;
    }
    event.preventDefault();
    // Else Space plays and presses the button that was clicked last.
    if (groupOf(id) === "play" && event.target instanceof HTMLButtonElement) event.target.blur();
    registry.run(id);
  };
  window.addEventListener("keydown", press);
  return () => window.removeEventListener("keydown", press);
}
