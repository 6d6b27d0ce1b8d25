/** Two servers and two workers on real Postgres, Redis and the S3 protocol, each with a process of its own. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ROOT } from "./cutroom";

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

export class Cluster {
  readonly ports: readonly number[];
  readonly #process: Process;
  readonly #said: AsyncIterator<string>;

  private constructor(process: Process, said: AsyncIterator<string>, ports: readonly number[]) {
    this.#process = process;
    this.#said = said;
    this.ports = ports;
  }

  static async start(): Promise<Cluster> {
    const child = spawn(join(ROOT, ".venv/bin/python"), ["-m", "tests.cli.cluster_process"], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    const said = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ports = await nextOf(said).catch((error) => {
      throw new Error(`${error.message}: ${log}`);
    });
    return new Cluster(child, said, JSON.parse(ports));
  }

  /** SIGKILL for one of the servers. */
  async kill(server: number): Promise<void> {
    this.#process.stdin.write(`kill ${server}\n`);
    await nextOf(this.#said);
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.#process.once("exit", done));
    this.#process.stdin.end();
    await gone;
  }
}

const nextOf = async (said: AsyncIterator<string>): Promise<string> => {
  const { value, done } = await said.next();
  if (done) throw new Error("the cluster has ended");
  return value;
};
