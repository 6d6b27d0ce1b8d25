/** An edit that cannot be done; nothing was changed [timeline-E3]. */

export type RefusalCode =
  | "not_found"
  | "track_locked"
  | "sync_would_break"
  | "not_adjacent"
  | "no_handle"
  | "too_short"
  | "stale"
  | "bad_argument";

export class EditRefused extends Error {
  readonly code: RefusalCode;
  readonly recordId: string;
  readonly detail: string;

  constructor(code: RefusalCode, recordId: string, detail = "") {
    super(`${code}: ${recordId}${detail === "" ? "" : ` (${detail})`}`);
    this.name = "EditRefused";
    this.code = code;
    this.recordId = recordId;
    this.detail = detail;
  }
}
