/** Uploads by tus: three at a time, resumed after a reload; the library is loaded on first use. */

import type { DetailedError, Upload as TusUpload } from "tus-js-client";
import { type Problem, ProblemError, problemTold, unreachable } from "@/lib/problem";

export const UPLOADS_AT_ONCE = 3;
const CHUNK_BYTES = 8 * 1024 * 1024; // small enough to resume cheaply, large enough for a fast line
const RETRY_DELAYS_MS = [0, 1000, 3000, 5000, 10_000];

export type UploadState = "queued" | "uploading" | "done" | "failed" | "cancelled";

export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly state: UploadState;
  /** The asset that came of it, once done. */
  readonly asset: string | null;
  readonly error: string | null;
}

export interface UploadTarget {
  readonly apiUrl: string;
  readonly workspace: string;
  readonly project?: string;
}

/** Sends one file; answers the id of the asset. Stops when `signal` aborts. */
export type Sender = (
  file: File,
  target: UploadTarget,
  onSent: (sentBytes: number) => void,
  signal: AbortSignal,
) => Promise<string>;

const ASSET_HEADER = "Upload-Asset";

/** The asset is told in a header of the last answer; without it, it has the upload's own id. */
const assetOf = (upload: TusUpload, told: string | undefined): string =>
  told ?? upload.url?.split("/").pop() ?? "";

/** What the server said of an upload; where it said nothing, that it cannot be reached. */
const refusalOf = (cause: Error | DetailedError): Problem => {
  const answer = "originalResponse" in cause ? cause.originalResponse : null;
  if (!answer) return unreachable(cause);
  return problemTold(answer.getStatus(), answer.getBody(), (name) => answer.getHeader(name));
};

export const sendByTus: Sender = async (file, target, onSent, signal) => {
  const { Upload: TusUploadClass } = await import("tus-js-client");
  return new Promise((resolve, reject) => {
    let told: string | undefined;
    const metadata: Record<string, string> = {
      filename: file.name,
      filetype: file.type,
      workspace: target.workspace,
      ...(target.project === undefined ? {} : { project: target.project }),
    };
    const upload = new TusUploadClass(file, {
      endpoint: `${target.apiUrl}/uploads`,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      metadata,
      onProgress: onSent,
      onAfterResponse: (_request, response) => {
        told = response.getHeader(ASSET_HEADER) ?? told;
      },
      onSuccess: () => resolve(assetOf(upload, told)),
      onError: (cause) => reject(new ProblemError(refusalOf(cause))),
    });
    signal.addEventListener("abort", () => {
      void upload.abort(true).then(() => reject(signal.reason as Error));
    });
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
};

interface Job {
  readonly file: File;
  readonly target: UploadTarget;
  readonly stop: AbortController;
}

/** The uploads of this tab; `list()` answers the same array until something changes. */
export class UploadQueue {
  readonly #send: Sender;
  readonly #newId: () => string;
  readonly #onDone: (asset: string) => void;
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();
  #uploads: readonly Upload[] = [];

  constructor(send: Sender, newId: () => string, onDone: (asset: string) => void) {
    this.#send = send;
    this.#newId = newId;
    this.#onDone = onDone;
  }

  list = (): readonly Upload[] => this.#uploads;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Queues files; answers their upload ids in the same order. */
  add(files: Iterable<File>, target: UploadTarget): readonly string[] {
    const added = [...files].map((file): Upload => {
      const id = this.#newId();
      this.#jobs.set(id, { file, target, stop: new AbortController() });
      return {
        id,
        name: file.name,
        sizeBytes: file.size,
        sentBytes: 0,
        state: "queued",
        asset: null,
        error: null,
      };
    });
    this.#set([...this.#uploads, ...added]);
    this.#next();
    return added.map(({ id }) => id);
  }

  cancel(id: string): void {
    this.#jobs.get(id)?.stop.abort(new DOMException("cancelled", "AbortError"));
    this.#update(id, { state: "cancelled" });
  }

  /** Takes an ended upload off the list. */
  forget(id: string): void {
    this.#jobs.delete(id);
    this.#set(this.#uploads.filter((upload) => upload.id !== id));
  }

  #next(): void {
    const running = this.#uploads.filter(({ state }) => state === "uploading").length;
    const queued = this.#uploads.filter(({ state }) => state === "queued");
    for (const upload of queued.slice(0, Math.max(0, UPLOADS_AT_ONCE - running))) {
      this.#update(upload.id, { state: "uploading" });
      void this.#run(upload.id);
    }
  }

  async #run(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const { file, target, stop } = job;
    const onSent = (sentBytes: number): void => this.#update(id, { sentBytes });
    try {
      const asset = await this.#send(file, target, onSent, stop.signal);
      this.#update(id, { state: "done", sentBytes: file.size, asset });
      this.#onDone(asset);
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      this.#update(id, stop.signal.aborted ? { state: "cancelled" } : { state: "failed", error });
    }
    this.#next();
  }

  #update(id: string, part: Partial<Upload>): void {
    this.#set(this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    for (const listener of [...this.#listeners]) listener();
  }
}
