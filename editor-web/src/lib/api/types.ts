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
  /** A guest of a share link has no account to keep anything with. */
  readonly kind: "account" | "local" | "guest";
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

/** What the pages of signing in may offer; `openid` is null where no provider is configured. */
export interface WaysIn {
  readonly signup: "open" | "invite";
  readonly openid: { readonly name: string } | null;
  /** Whether a link for a new password can be asked for. */
  readonly reset_by_mail: boolean;
}

/** `next` is the page to come back to, `invite` an invitation to accept on the way. */
export interface OpenIdStart {
  readonly next?: string;
  readonly invite?: string;
}

export type AssetKind = "video" | "audio" | "image" | "lut";

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
  readonly extension: string;
  readonly options: ExportOptions;
  readonly captions_file: string | null;
  readonly poster_file: string | null;
  readonly name: string;
}

export type CaptionMode = "burn" | "soft" | "none";
export type Fit = "contain" | "cover" | "blur";
/** As the timeline says, as it is, or LUFS. */
export type LoudnessTarget = "timeline" | "off" | -14 | -16 | -23;

/** How a film is wanted beyond its preset. */
export interface ExportOptions {
  readonly captions: CaptionMode;
  readonly on_missing: "slate" | "fail";
  readonly fit: Fit | null;
  readonly loudness: LoudnessTarget;
  /** A tick of the sequence. */
  readonly poster: number | null;
}

export interface ExportRequest extends Partial<ExportOptions> {
  readonly preset: string;
  readonly range?: ExportRange;
  readonly quote?: string;
}

export interface ExportAccepted {
  readonly id: string;
  readonly state: ExportState;
  readonly credits_held: number;
}

export type PresetUse = "watch" | "social" | "edit" | "sound" | "picture";

/** What an export can be, and what it makes of the project that was asked for. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly use: PresetUse;
  readonly extension: string;
  readonly has_picture: boolean;
  readonly has_sound: boolean;
  readonly still: boolean;
  readonly seconds_max: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps_num: number | null;
  readonly fps_den: number | null;
  readonly reshapes: boolean;
}

export interface ShareLink {
  readonly id: string;
  readonly role: Role;
  /** Told once, when it is made. */
  readonly url?: string | null;
  readonly key?: string | null;
}

/** Somebody's own browser that is signed in. */
export interface OpenSignIn {
  readonly id: string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly expires_at: string;
  /** The one that asks. */
  readonly current: boolean;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly created_at: string;
}

export interface NewMember {
  readonly email: string;
  readonly role: Role;
}

export interface Invite {
  readonly id: string;
  readonly role: Role;
  /** Null: for whoever opens it first. */
  readonly email: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  /** Told once, when it is made. */
  readonly url?: string | null;
  /** A mail with the link is on its way. */
  readonly mailed?: boolean;
}

export interface NewInvite {
  readonly role: Role;
  readonly email?: string;
}

export interface ApiToken {
  readonly id: string;
  /** Who made it. */
  readonly user: string;
  readonly role: Role;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_at: string | null;
  /** Told once, when it is made. */
  readonly token?: string | null;
}

/** `ttl` in seconds. */
export interface NewToken {
  readonly role: Role;
  readonly ttl: number;
}

/** `user` becomes the owner; who hands over becomes `then`. */
export interface Transfer {
  readonly user: string;
  readonly then: Role;
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

/** A line that somebody drew on the picture, in pixels of the sequence. */
export interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly points: number[][];
}

export interface ThreadComment {
  readonly id: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly text: string;
  /** Ids of people who were mentioned. */
  readonly mentions: string[];
  readonly created_at: string;
  readonly edited_at: string | null;
}

/** A thread on a moment or range of a sequence; with `clip`, `t` is that clip's local time. */
export interface Thread {
  readonly id: string;
  readonly sequence: string | null;
  readonly clip: string | null;
  readonly t: number;
  readonly duration: number;
  readonly drawing: Stroke[];
  readonly resolved_at: string | null;
  readonly resolved_by: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly comments: ThreadComment[];
}

export interface Reply {
  readonly text: string;
  readonly mentions: string[];
}

export interface NewThread extends Reply {
  readonly t: number;
  readonly duration: number;
  readonly sequence: string | null;
  readonly clip: string | null;
  readonly drawing: Stroke[];
}

export interface ThreadPerson {
  readonly id: string;
  readonly name: string;
  readonly role: "member" | "guest";
}

/** A named or automatic version; the author's id is empty where it kept itself. */
export interface Version {
  readonly id: string;
  readonly name: string;
  readonly kind: "named" | "automatic";
  readonly author: { readonly id: string; readonly name: string };
  readonly created_at: string;
}

/** One thing that changed, in words; `ids` are the records of `map` that it is about. */
export interface Difference {
  readonly kind: "added" | "removed" | "moved" | "trimmed" | "changed";
  readonly map: string;
  readonly ids: string[];
  readonly text: string;
}

/** Who acted, and what came of it; `more` counts what is left out. */
export interface VersionChanges {
  readonly people: { readonly id: string; readonly name: string }[];
  readonly changes: Difference[];
  readonly more: number;
}

/** A stretch of work without a pause. */
export interface Activity {
  readonly id: string;
  readonly begun_at: string;
  readonly ended_at: string;
  readonly parts: VersionChanges[];
}

/** A `.cutroom.json`: the nine root maps, and its table of assets. */
export type TimelineFile = JsonObject;

export type PaymentMode = "sandbox" | "test" | "live";

/** The credits of a workspace; `seq` grows with every entry, so the higher one is the newer. */
export interface Wallet {
  readonly workspace: string;
  readonly mode: PaymentMode;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  /** A payment is in dispute: nothing can be spent. */
  readonly frozen: boolean;
  readonly seq: number;
}

/** One line of the journal: what was done, about what, and what was there after it. */
export interface JournalEntry {
  readonly id: string;
  readonly seq: number;
  readonly kind: "grant" | "purchase" | "clawback" | "hold" | "capture" | "release" | "adjust";
  readonly ref: { readonly kind: string; readonly id: string };
  readonly reason: string | null;
  readonly postings: {
    readonly account:
      | "available"
      | "held"
      | "debt"
      | "purchased"
      | "granted"
      | "spent"
      | "adjusted";
    readonly amount: number;
  }[];
  readonly after: { readonly available: number; readonly held: number; readonly debt: number };
  readonly created_at: string;
}

/** The most that an export will cost. */
export interface Quote {
  readonly id: string;
  readonly credits: number;
  readonly available: number;
  readonly enough: boolean;
  readonly lines: {
    readonly bound: "at_most" | "at_least";
    readonly kind: "encoded" | "copied" | "reused";
    readonly frames: number;
  }[];
}

export interface CreditPacks {
  readonly mode: PaymentMode;
  readonly currency: string;
  readonly packs: Pack[];
}

export interface Pack {
  readonly id: string;
  readonly credits: number;
  readonly amount_minor: number;
}

export interface CreditOrder {
  readonly id: string;
  readonly state:
    | "new"
    | "created"
    | "attempted"
    | "paid"
    | "partly_refunded"
    | "refunded"
    | "review"
    | "expired";
  readonly pack: string;
  readonly credits: number;
  readonly amount_minor: number;
  readonly currency: string;
  readonly credits_posted: number;
  readonly refundable_credits: number;
  readonly payment: string | null;
  readonly refunds: { readonly id: string; readonly state: string }[];
  readonly invoices: { readonly kind: string; readonly number: string }[];
  readonly checkout: Checkout | null;
  readonly created_at: string;
}

/** The script that defines `Razorpay`, loaded on the click that pays, and what to give it. */
export interface Checkout {
  readonly script: string;
  readonly options: Readonly<Record<string, string | number>>;
}

/** What the handler of checkout is given. */
export interface Paid {
  readonly razorpay_payment_id: string;
  readonly razorpay_order_id: string;
  readonly razorpay_signature: string;
}
