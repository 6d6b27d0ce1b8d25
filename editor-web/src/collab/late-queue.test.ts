import { expect, it } from "vitest";
import type { Command } from "@/timeline-core/commands";
import { LateQueue } from "./late-queue";
import type { Outcome, WriteQueue } from "./write-queue";

const DONE: Outcome = { kind: "done", clamped: [], created: {} };

const recording = (ran: string[]): WriteQueue =>
  ({
    run: (commands: readonly Command[]) => {
      ran.push(...commands.map(({ op }) => op));
      return Promise.resolve(DONE);
    },
    tried: () => ({ changes: [], clamped: [], created: {} }),
  }) as unknown as WriteQueue;

it("editor-Q3: edits before their code wait for it, and keep their order", async () => {
  const ran: string[] = [];
  let arrive: (queue: WriteQueue) => void = () => undefined;
  const coming = new Promise<WriteQueue>((resolve) => {
    arrive = resolve;
  });
  let fetched = 0;
  const queue = new LateQueue(() => {
    fetched += 1;
    return coming;
  });
  queue.prepare();
  const first = queue.run([{ op: "a" }]);
  const second = queue.run([{ op: "b" }]);
  expect([ran, queue.waiting, queue.tried([{ op: "a" }])]).toEqual([[], 2, null]);
  const late = Promise.resolve().then(() => queue.run([{ op: "c" }]));
  arrive(recording(ran));
  expect(await Promise.all([first, second, late])).toEqual([DONE, DONE, DONE]);
  void queue.run([{ op: "d" }]);
  expect([ran, queue.waiting, fetched]).toEqual([["a", "b", "c", "d"], 0, 1]);
  expect(queue.tried([{ op: "a" }])).not.toBeNull();
});

it("editor-Q3: without their code edits fail with a word; the next one fetches again", async () => {
  const ran: string[] = [];
  let isDown = true;
  const queue = new LateQueue(() =>
    isDown ? Promise.reject(new TypeError("no line")) : Promise.resolve(recording(ran)),
  );
  queue.prepare();
  expect(await queue.run([{ op: "a" }])).toMatchObject({
    kind: "failed",
    problem: { title: "The server cannot be reached", detail: "no line" },
  });
  isDown = false;
  expect([await queue.run([{ op: "b" }]), ran, queue.waiting]).toEqual([DONE, ["b"], 0]);
});
