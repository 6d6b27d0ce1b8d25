/**
 * Which keys a command has now: Cutroom's own table, over it a preset, over that what the person
 * chose. A later table takes a chord from whoever had it, so no chord ever means two commands.
 */
import { COMMAND_IDS, type CommandId, isBindable, isCommand, scopeOf, usualKeys } from "./keymap";

export const PRESETS = ["cutroom", "premiere", "resolve", "final-cut", "capcut"] as const;
export type PresetId = (typeof PRESETS)[number];

/** Keys by command; what it does not name stays as it was. */
export type KeyTable = Readonly<Partial<Record<CommandId, readonly string[]>>>;

export interface KeyChoice {
  readonly preset: PresetId;
  readonly remaps: KeyTable;
}

export const USUAL_CHOICE: KeyChoice = { preset: "cutroom", remaps: {} };

export class Bindings {
  readonly #keys: ReadonlyMap<CommandId, readonly string[]>;
  readonly #byChord: ReadonlyMap<string, CommandId>;

  constructor(...tables: readonly KeyTable[]) {
    const keys = new Map(COMMAND_IDS.map((id) => [id, usualKeys(id)] as const));
    for (const table of tables) lay(keys, table);
    this.#keys = keys;
    this.#byChord = new Map(
      [...keys].flatMap(([id, chords]) => chords.map((chord) => [named(id, chord), id] as const)),
    );
  }

  keysOf(id: CommandId): readonly string[] {
    return this.#keys.get(id) ?? [];
  }

  firstKey(id: CommandId): string | undefined {
    return this.keysOf(id)[0];
  }

  /** Who answers a chord; in the scope of media what media answers goes first. */
  commandFor(chord: string, scope: "editor" | "media" = "editor"): CommandId | undefined {
    const own = scope === "media" ? this.#byChord.get(`media ${chord}`) : undefined;
    return own ?? this.#byChord.get(`editor ${chord}`);
  }

  /** The other command that has this chord where `id` would have it. */
  conflict(id: CommandId, chord: string): CommandId | undefined {
    const holder = this.#byChord.get(named(id, chord));
    return holder === id ? undefined : holder;
  }
}

const named = (id: CommandId, chord: string): string => `${scopeOf(id)} ${chord}`;

function lay(keys: Map<CommandId, readonly string[]>, table: KeyTable): void {
  const entries = Object.entries(table) as [CommandId, readonly string[]][];
  const taken = new Set(entries.flatMap(([id, chords]) => chords.map((chord) => named(id, chord))));
  for (const [id, chords] of keys) {
    if (Object.hasOwn(table, id)) continue;
    const left = chords.filter((chord) => !taken.has(named(id, chord)));
    if (left.length !== chords.length) keys.set(id, left);
  }
  for (const [id, chords] of entries) keys.set(id, chords);
}

/** A command's keys replaced; whoever had one of them is written down without it. */
export function remapped(
  bindings: Bindings,
  remaps: KeyTable,
  id: CommandId,
  chords: readonly string[],
): KeyTable {
  const next: Partial<Record<CommandId, readonly string[]>> = { ...remaps, [id]: chords };
  for (const chord of chords) {
    const holder = bindings.conflict(id, chord);
    if (holder === undefined) continue;
    next[holder] = (next[holder] ?? bindings.keysOf(holder)).filter((other) => other !== chord);
  }
  return next;
}

const KEYS_MAX = 6; // for one command; more nobody remembers

/** A choice from outside: a file, the account, an older version. Null where it is none. */
export function keyChoiceOf(value: unknown): KeyChoice | null {
  if (typeof value !== "object" || value === null) return null;
  const { preset, remaps = {} } = value as { preset?: unknown; remaps?: unknown };
  if (!PRESETS.includes(preset as PresetId)) return null;
  const table = keyTableOf(remaps);
  return table === null ? null : { preset: preset as PresetId, remaps: table };
}

/** Commands of another version are left out; a chord that cannot be bound, or stands twice, is refused. */
export function keyTableOf(value: unknown): KeyTable | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const known = Object.entries(value).filter(([id]) => isCommand(id)) as [CommandId, unknown][];
  const seen = new Set<string>();
  for (const [id, chords] of known) {
    if (!Array.isArray(chords) || chords.length > KEYS_MAX) return null;
    for (const chord of chords as unknown[]) {
      if (typeof chord !== "string" || !isBindable(chord) || seen.has(named(id, chord)))
        return null;
      seen.add(named(id, chord));
    }
  }
  return Object.fromEntries(known) as KeyTable;
}
