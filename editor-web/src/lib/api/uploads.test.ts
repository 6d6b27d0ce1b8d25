import { expect, it } from "vitest";
import { type Sender, UPLOADS_AT_ONCE, UploadQueue } from "./uploads";

const TARGET = { apiUrl: "/api/v1", workspace: "w" };

type Sending = {
  readonly name: string;
  readonly done: (asset: string) => void;
  readonly fail: (cause: Error) => void;
  readonly sent: (bytes: number) => void;
};

const stand = () => {
  const sending: Sending[] = [];
  const done: string[] = [];
  const send: Sender = (file, _target, onSent, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      sending.push({ name: file.name, done: resolve, fail: reject, sent: onSent });
    });
  let made = 0;
  const newId = (): string => {
    made += 1;
    return `u${made}`;
  };
  return { sending, done, queue: new UploadQueue(send, newId, (asset) => done.push(asset)) };
};

const files = (count: number): readonly File[] =>
  Array.from({ length: count }, (_, index) => new File(["abcd"], `${index}.mp4`));

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const states = (queue: UploadQueue): readonly string[] => queue.list().map(({ state }) => state);

it("editor-N2: three run at a time, the next begins when one ends", async () => {
  const { sending, done, queue } = stand();
  queue.add(files(5), TARGET);
  expect(sending.length).toBe(UPLOADS_AT_ONCE);
  sending[0]?.sent(2);
  expect(queue.list()[0]?.sentBytes).toBe(2);
  sending[0]?.done("as_1");
  await settled();
  expect(sending.length).toBe(4);
  expect(queue.list()[0]).toMatchObject({ state: "done", asset: "as_1", sentBytes: 4 });
  expect(done).toEqual(["as_1"]);
});

it("editor-N2: one can be cancelled alone, what failed says why, and both make room", async () => {
  const { sending, queue } = stand();
  const [first] = queue.add(files(5), TARGET);
  queue.cancel(first ?? "");
  await settled();
  sending[1]?.fail(new Error("disk full"));
  await settled();
  expect(states(queue)).toEqual(["cancelled", "failed", "uploading", "uploading", "uploading"]);
  expect(queue.list()[1]?.error).toBe("disk full");
  queue.forget(first ?? "");
  expect(queue.list().length).toBe(4);
});
