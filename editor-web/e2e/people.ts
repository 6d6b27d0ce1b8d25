/** People at browsers: each has a Chromium of their own, with its own cookies and offline store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import type { Cutroom } from "./cutroom";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** How long one step may take on a busy machine before the test says which one it was. */
const PATIENCE_MS = 30_000;

export interface ClipRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What every build offers for inspection, read only. */
interface Inspection {
  readonly ready: boolean;
  readonly clipRect: (id: string) => ClipRect | null;
}

export class Person {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly #folder: string;
  readonly problems: string[] = [];

  private constructor(context: BrowserContext, page: Page, folder: string) {
    this.context = context;
    this.page = page;
    this.#folder = folder;
    page.on("pageerror", (error) => this.problems.push(error.message));
  }

  static async arrive(size = { width: 1440, height: 900 }): Promise<Person> {
    const folder = mkdtempSync(join(tmpdir(), "cutroom-person-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env["CUTROOM_BROWSER"] ?? "/usr/bin/chromium",
      headless: true,
      args: ARGS,
      viewport: size,
      acceptDownloads: true,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Person(context, context.pages()[0] ?? (await context.newPage()), folder);
  }

  /** Signs in as the local owner with the one-time address. */
  async signIn(server: Cutroom): Promise<void> {
    const signedIn = this.page.waitForResponse(
      (answer) => answer.url().endsWith("/api/v1/session") && answer.ok(),
    );
    await this.page.goto(server.welcome);
    await signedIn;
  }

  /** Comes by a share link and says their name. */
  async join(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole("textbox", { name: /name/i }).fill(name);
    await this.page.keyboard.press("Enter");
    await this.opened();
  }

  async open(server: { readonly address: string }, project: string): Promise<void> {
    await this.page.goto(`${server.address}/p/${project}`);
    await this.opened();
  }

  /** Waits until the editor has the document and its pictures. */
  async opened(): Promise<void> {
    // Polled, not by animation frames: those rest in a window that nobody looks at.
    await this.page.waitForFunction(
      () => (window as unknown as { __cutroom?: Inspection }).__cutroom?.ready === true,
      undefined,
      { polling: 100 },
    );
  }

  /** Where a clip lies on the page; waits until it is drawn. */
  async clip(id: string): Promise<ClipRect> {
    const found = await this.page.waitForFunction(
      (clip) => {
        const { __cutroom } = window as unknown as { __cutroom?: Inspection };
        return __cutroom?.clipRect(clip) ?? null;
      },
      id,
      { polling: 100 },
    );
    return (await found.jsonValue()) as ClipRect;
  }

  /** Drags the middle of a clip by so many pixels. */
  async dragClip(id: string, by: { readonly x: number; readonly y?: number }): Promise<void> {
    const { x, y, width, height } = await this.clip(id);
    await this.drag([x + width / 2, y + height / 2], [by.x, by.y ?? 0]);
  }

  /** Drags the edge of a clip by so many pixels. */
  async trimClip(id: string, edge: "head" | "tail", by: number): Promise<void> {
    const { x, y, width, height } = await this.clip(id);
    await this.drag([edge === "head" ? x + 2 : x + width - 2, y + height / 2], [by, 0]);
  }

  async drag(from: readonly [number, number], by: readonly [number, number]): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from[0], from[1]);
    await mouse.down();
    for (let step = 1; step <= 8; step += 1) {
      await mouse.move(from[0] + (by[0] * step) / 8, from[1] + (by[1] * step) / 8);
    }
    await mouse.up();
  }

  /** Waits until the editor says that everything is durable. */
  async saved(): Promise<void> {
    await expect(this.page.getByText(/^Saved/).first()).toBeVisible({ timeout: 15_000 });
  }

  async leave(): Promise<void> {
    await this.context.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
