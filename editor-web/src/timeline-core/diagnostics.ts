/** The codes of what resolve finds odd, their levels, and the list it gathers them in [timeline-R10]. */
import type { Diagnostic, Level } from "./resolved";

const FATAL = ["too_new", "no_sequence", "empty_timeline", "too_complex"] as const;
const WARNING = [
  "bad_record",
  "bad_value",
  "bad_time",
  "orphan_clip",
  "wrong_track_kind",
  "overlap",
  "sequence_cycle",
  "nested_too_deep",
  "over_quota",
  "media_missing",
  "media_pending",
  "media_failed",
  "no_stream",
  "past_media_end",
  "transition_not_at_cut",
  "transition_duplicate",
  "unknown_kind",
  "effect_unsupported",
  "variable_missing",
] as const;
const INFO = [
  "transition_shortened",
  "transition_holds_frames",
  "link_offset",
  "too_short",
  "orphan_record",
  "black",
] as const;

export type DiagnosticCode =
  | (typeof FATAL)[number]
  | (typeof WARNING)[number]
  | (typeof INFO)[number];

const LEVELS = Object.fromEntries([
  ...FATAL.map((code) => [code, "fatal"]),
  ...WARNING.map((code) => [code, "warning"]),
  ...INFO.map((code) => [code, "info"]),
]) as Readonly<Record<DiagnosticCode, Level>>;

/** By UTF-16 code unit, as every order of ids is; for `sort`. */
export const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** What was found so far: at most one of each (id, code); details of repeats are joined. */
export class Findings {
  readonly #found = new Map<string, Map<DiagnosticCode, string>>();

  add(code: DiagnosticCode, id: string, detail = ""): void {
    const codes = this.#codes(id);
    const found = codes.get(code) ?? "";
    codes.set(code, found !== "" && detail !== "" ? `${found}, ${detail}` : found || detail);
  }

  /** Takes over diagnostics that were made elsewhere; known (id, code) pairs stay as they are. */
  keep(diagnostics: readonly Diagnostic[]): void {
    for (const { code, id, detail } of diagnostics) {
      const codes = this.#codes(id);
      if (!codes.has(code as DiagnosticCode)) codes.set(code as DiagnosticCode, detail);
    }
  }

  /** All of them, sorted by (id, code). */
  diagnostics(): readonly Diagnostic[] {
    const ids = [...this.#found].sort(([left], [right]) => compareText(left, right));
    return ids.flatMap(([id, codes]) =>
      [...codes]
        .sort(([left], [right]) => compareText(left, right))
        .map(([code, detail]) => ({ code, id, level: LEVELS[code], detail })),
    );
  }

  #codes(id: string): Map<DiagnosticCode, string> {
    const known = this.#found.get(id);
    if (known !== undefined) return known;
    const codes = new Map<DiagnosticCode, string>();
    this.#found.set(id, codes);
    return codes;
  }
}
