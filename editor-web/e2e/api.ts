/** The HTTP interface as a program speaks it, with a token. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Row {
  // biome-ignore lint/suspicious/noExplicitAny: bodies of the API, checked by what the test expects of them
  readonly [key: string]: any;
}

export class Api {
  readonly address: string;
  readonly token: string;

  constructor(address: string, token: string) {
    this.address = address;
    this.token = token;
  }

  async get(path: string): Promise<Row> {
    return this.#answered(
      await fetch(`${this.address}/api/v1${path}`, { headers: this.#headers() }),
    );
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Row> {
    const answer = await fetch(`${this.address}/api/v1${path}`, {
      method: "POST",
      headers: { ...this.#headers(), "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return this.#answered(answer);
  }

  async download(path: string, to: string): Promise<void> {
    const answer = await fetch(`${this.address}${path}`, { headers: this.#headers() });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    writeFileSync(to, Buffer.from(await answer.arrayBuffer()));
  }

  async workspace(): Promise<string> {
    return (await this.get("/me"))["workspaces"][0].id;
  }

  async project(name: string): Promise<string> {
    return (await this.post("/projects", { name, width: 640, height: 360, fps: 30 }))["id"];
  }

  /** Uploads a file in one piece and waits until it is ready to be cut and previewed. */
  async asset(project: string, file: string, name: string): Promise<string> {
    const form = new FormData();
    form.set("file", new Blob([readFileSync(file)], { type: "video/mp4" }), name);
    form.set("project", project);
    const answer = await fetch(
      `${this.address}/api/v1/workspaces/${await this.workspace()}/assets`,
      {
        method: "POST",
        headers: this.#headers(),
        body: form,
      },
    );
    const { id } = await this.#answered(answer);
    await until(`asset ${name}`, async () => {
      const asset = (await this.get(`/assets?ids=${id}`))["items"][0];
      if (asset.state === "failed") throw new Error(`${name}: ${JSON.stringify(asset.problem)}`);
      return asset.state === "ready" && asset.proxy !== "pending";
    });
    return id;
  }

  timeline(project: string): Promise<Row> {
    return this.get(`/projects/${project}/timeline`);
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}` };
  }

  async #answered(answer: Response): Promise<Row> {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${text}`);
    return JSON.parse(text) as Row;
  }
}

/** Asks again until it holds; fails with `what` after `seconds`. */
export const until = async (
  what: string,
  holds: () => Promise<boolean>,
  seconds = 60,
): Promise<void> => {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((again) => setTimeout(again, 100));
  }
};
