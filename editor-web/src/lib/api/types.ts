/** Bodies of the API, as `contract.md` fixes them; times of day are ISO 8601 UTC. */
import type { JsonObject } from "@/timeline-core/model";

export type Role = "owner" | "billing" | "editor" | "commenter" | "viewer";

export interface Page<T> {
  readonly items: T[];
  readonly next_cursor?: string | null;
}

export interface Me {
  readonly id: string;
  readonly name: string;
  /** Null for guests and for the local owner. */
  readonly email: string | null;
  readonly workspaces: Workspace[];
  /** The only project that a guest of a share link may open. */
  readonly project?: string | null;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly workspace: string;
  readonly role: Role;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface NewProject {
  readonly name: string;
  readonly workspace?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number | string;
}

export type SignIn =
  | { readonly email: string; readonly password: string }
  | { readonly invite: string }
  | { readonly share: string; readonly name: string }
  | { readonly welcome: string };

export type AssetKind = "video" | "audio" | "image";

/** Facts about the media; `duration` and `start_tc` in ticks, duration null for stills. */
export interface AssetMedia {
  readonly duration: number | null;
  readonly fps_num: number;
  readonly fps_den: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly has_video: boolean;
  readonly has_audio: boolean;
  readonly start_tc: number;
  readonly channels: number | null;
  readonly sample_rate: number | null;
}

export interface Asset {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly kind: AssetKind;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly state: "pending" | "ready" | "failed";
  /** 0..1, of what the server makes ready. */
  readonly progress: number;
  readonly problem: BriefProblem | null;
  readonly facts: AssetMedia | null;
  readonly proxy: "pending" | "ready" | "none";
  readonly urls: AssetUrls;
  readonly diagnostics: { readonly code: string; readonly detail: string }[];
  readonly created_at: string;
}

export interface BriefProblem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

/** `thumbnails` ends before the number: `{thumbnails}/{second}`. Null: not made, or not yet. */
export interface AssetUrls {
  readonly content: string | null;
  readonly proxy: string | null;
  readonly peaks: string | null;
  readonly thumbnails: string | null;
}

export type ExportState =
  | "queued"
  | "planning"
  | "rendering"
  | "stitching"
  | "checking"
  | "done"
  | "failed"
  | "cancelled";

/** A stretch of the sequence in ticks; `end` is exclusive. */
export interface ExportRange {
  readonly start: number;
  readonly end: number;
}

export interface ExportReport {
  readonly output: string;
  readonly sha256: string;
  readonly frames: number;
  readonly frame_rate: string;
  readonly duration_seconds: number;
  readonly segments: {
    readonly total: number;
    readonly encoded: number;
    readonly copied: number;
    readonly reused: number;
  };
  readonly frames_encoded: number;
  readonly frames_copied: number;
  readonly frames_reused: number;
  readonly wall_seconds: number;
}

export interface Export {
  readonly id: string;
  readonly project: string;
  readonly state: ExportState;
  readonly preset: string;
  readonly range: ExportRange | null;
  /** Frames to encode; `done` never goes back. */
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly eta_seconds: number | null;
  };
  readonly credits_held: number;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly requested_by: { readonly id: string; readonly name: string };
  readonly problem: BriefProblem | null;
  readonly report: ExportReport | null;
  /** Address of the film, once done. */
  readonly file: string | null;
  readonly name: string;
}

export interface ExportRequest {
  readonly preset: string;
  readonly range?: ExportRange;
  readonly quote?: string;
}

export interface ExportAccepted {
  readonly id: string;
  readonly state: ExportState;
  readonly credits_held: number;
}

export interface Preset {
  readonly name: string;
  readonly title: string;
}

export interface ShareLink {
  readonly id: string;
  readonly role: Role;
  /** Told once, when it is made. */
  readonly url?: string | null;
  readonly key?: string | null;
}

export interface CommandsRequest {
  readonly commands: readonly JsonObject[];
  /** State vector of the caller, base64: the server waits until it has those edits. */
  readonly after?: string;
  readonly expect?: JsonObject;
}

/** As in `timeline-core/model`, on the wire. */
export interface WireChange {
  readonly map: string;
  readonly id: string;
  readonly key: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export interface CommandsAnswer {
  readonly id: string;
  readonly changes: WireChange[];
  readonly clamped: string[];
  /** Ids of what was created, by name: `{right: id}` of a split. */
  readonly created: { [name: string]: string };
}

/** A drawn text; lengths are pixels of the bitmap, `raster_scale` of them make one of the sequence. */
export interface TextImage {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly box_width: number;
  readonly box_height: number;
  readonly raster_scale: number;
  readonly missing_glyphs: string;
}
