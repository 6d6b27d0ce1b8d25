/** The uploads of this tab, three at a time; what sends one is given. */

export const UPLOADS_AT_ONCE = 3;

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
