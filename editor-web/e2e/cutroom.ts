/** A real server for one suite: `cutroom up` on a folder and a port of its own, that can be killed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Api } from "./api";

export const ROOT = resolve(import.meta.dirname, "../..");
export const PYTHON = join(ROOT, ".venv/bin/python");
const READY_SECONDS_MAX = 60;

export const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });

export class Cutroom extends Api {
  readonly folder: string;
  readonly port: number;
  #process: ChildProcess | null = null;
  #welcome = "";
  #output = "";
  #settings: Record<string, string> = {};

  private constructor(port: number) {
    super(`http://127.0.0.1:${port}`, `e2e-${randomUUID()}`);
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), "cutroom-e2e-"));
  }

  /** `settings` are variables of the environment, made once the address is known. */
  static async start(
    options: {
      readonly demo?: boolean;
      readonly settings?: (address: string) => Record<string, string>;
    } = {},
  ): Promise<Cutroom> {
    const server = new Cutroom(await freePort());
    server.#settings = options.settings?.(server.address) ?? {};
    await server.up(options);
    return server;
  }

  /** The one-time address that signs the local owner in. */
  get welcome(): string {
    return this.#welcome;
  }

  async up({ demo = false }: { readonly demo?: boolean } = {}): Promise<void> {
    const args = [
      "-m",
      "cli.main",
      "up",
      "--port",
      `${this.port}`,
      "--data",
      join(this.folder, "data"),
    ];
    const child = spawn(PYTHON, demo ? args : [...args, "--no-demo"], {
      cwd: ROOT,
      env: { ...process.env, ...this.#settings, CUTROOM_BOOTSTRAP_TOKEN: this.token },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    this.#output = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    await new Promise<void>((done, failed) => {
      const timer = setTimeout(
        () => failed(new Error(`no server after ${READY_SECONDS_MAX} s: ${this.#output}`)),
        READY_SECONDS_MAX * 1000,
      );
      child.stdout?.on("data", (chunk: Buffer) => {
        const found = /https?:\S+#welcome=\S+/.exec(chunk.toString());
        if (!found) return;
        this.#welcome = found[0];
        clearTimeout(timer);
        done();
      });
      child.once("exit", (code) => {
        clearTimeout(timer);
        failed(new Error(`the server ended with ${code}: ${this.#output}`));
      });
    });
  }

  /** kill -9, as a power switch would. */
  async kill(): Promise<void> {
    await this.#ended("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#ended("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #ended(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await gone;
  }

  /** What a command prints that an operator runs beside this server. */
  command(...args: string[]): string {
    const all = ["-m", "cli.main", ...args, "--data", join(this.folder, "data")];
    return execFileSync(PYTHON, all, { cwd: ROOT, encoding: "utf8" }).trim();
  }
}

/** A clip that carries its number and its frame numbers in the picture. */
export const makeClip = (folder: string, number: number, seconds: number): string => {
  const path = join(folder, `clip-${number}.mp4`);
  const args = [
    "-m",
    "tests.media",
    "make",
    path,
    "--number",
    `${number}`,
    "--seconds",
    `${seconds}`,
  ];
  execFileSync(PYTHON, args, { cwd: ROOT });
  return path;
};

/** [clip, frame] of every picture of a film; null where it carries none. */
export const readFilm = (film: string): ([number, number] | null)[] =>
  JSON.parse(
    execFileSync(PYTHON, ["-m", "tests.media", "read", film], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    }).toString(),
  );
