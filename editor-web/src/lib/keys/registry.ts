/** Who answers a command now. Keys, the palette and buttons all end here. */
import type { Bindings } from "./bindings";
import { chordsOf, type KeyPress } from "./chord";
import { type CommandId, groupOf, type KeyScope } from "./keymap";

export type Handler = () => void;

export class CommandRegistry {
  readonly #handlers = new Map<CommandId, readonly Handler[]>();
  readonly #held = new Map<string, CommandId>();
  readonly #bindings: () => Bindings;

  constructor(bindings: () => Bindings) {
    this.#bindings = bindings;
  }

  /** The latest registration answers; the function given back takes it away again. */
  register(handlers: Partial<Record<CommandId, Handler>>): () => void {
    const mine = Object.entries(handlers) as [CommandId, Handler][];
    for (const [id, handler] of mine) this.#handlers.set(id, [...this.#stack(id), handler]);
    return () => {
      for (const [id, handler] of mine) {
        const left = this.#stack(id).filter((other) => other !== handler);
        if (left.length > 0) this.#handlers.set(id, left);
        else this.#handlers.delete(id);
      }
    };
  }

  available(id: CommandId): boolean {
    return this.#handlers.has(id);
  }

  run(id: CommandId): boolean {
    const handler = this.#stack(id).at(-1);
    handler?.();
    return handler !== undefined;
  }

  /** The command that a press means and somebody answers. */
  commandOf(press: KeyPress): CommandId | undefined {
    for (const chord of chordsOf(press)) {
      const id = this.#bindings().commandFor(chord);
      if (id !== undefined && this.#handlers.has(id)) return id;
    }
    return undefined;
  }

  /** The command that a press means in a scope, for what answers it by itself. */
  meant(press: KeyPress, scope: KeyScope): CommandId | undefined {
    for (const chord of chordsOf(press)) {
      const id = this.#bindings().commandFor(chord, scope);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  /** Whether a key of this command is down now: K held turns J and L into steps. */
  isHeld(id: CommandId): boolean {
    return [...this.#held.values()].includes(id);
  }

  keyDown(code: string, id: CommandId): void {
    this.#held.set(code, id);
  }

  keyUp(code: string): void {
    this.#held.delete(code);
  }

  letGo(): void {
    this.#held.clear();
  }

  #stack(id: CommandId): readonly Handler[] {
    return this.#handlers.get(id) ?? [];
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

/** Enter presses the button that has the focus, whatever else it may mean. */
const pressesButton = (event: KeyboardEvent): boolean =>
  event.key === "Enter" && event.target instanceof HTMLButtonElement;

/** Listens on the window until the answered function is called. */
export function listenForKeys(
  registry: CommandRegistry,
  onDigit: (digit: string) => void,
): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (belongsToFocus(event.target, event.key) || pressesButton(event)) return;
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
    registry.keyDown(event.code, id);
    // Else Space plays and presses the button that was clicked last.
    if (groupOf(id) === "play" && event.target instanceof HTMLButtonElement) event.target.blur();
    registry.run(id);
  };
  const release = (event: KeyboardEvent): void => registry.keyUp(event.code);
  const leave = (): void => registry.letGo();
  window.addEventListener("keydown", press);
  window.addEventListener("keyup", release, true);
  window.addEventListener("blur", leave);
  return () => {
    window.removeEventListener("keydown", press);
    window.removeEventListener("keyup", release, true);
    window.removeEventListener("blur", leave);
  };
}
