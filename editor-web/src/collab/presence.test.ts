import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { COLORS, colorIndex, Presence } from "./presence";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const presenceOf = (client: number, user = { id: "u1", name: "Asha" }): Presence => {
  const doc = new Y.Doc();
  doc.clientID = client;
  return new Presence(doc, user);
};

const hear = (listener: Presence, speaker: Presence): void =>
  listener.receive(speaker.encoded(), "test");

it("editor-P1: presence goes out on change only, at most 25 times a second", () => {
  const presence = presenceOf(1);
  let sent = 0;
  presence.awareness.on("update", () => {
    sent += 1;
  });
  vi.advanceTimersByTime(100);
  for (let playhead = 0; playhead < 100; playhead += 1) {
    presence.set({ playhead });
    vi.advanceTimersByTime(10);
  }
  expect(sent).toBeGreaterThan(20);
  expect(sent).toBeLessThanOrEqual(26);
  vi.advanceTimersByTime(100);
  const before = sent;
  presence.set({ playhead: 99 });
  vi.advanceTimersByTime(100);
  expect(sent).toBe(before);
  presence.destroy();
});

it("editor-P1: of a large selection 50 ids and their number go out", () => {
  const [mine, theirs] = [presenceOf(1), presenceOf(2, { id: "u2", name: "Bea" })];
  vi.advanceTimersByTime(100);
  mine.set({ selection: Array.from({ length: 80 }, (_, index) => `c${index}`) });
  hear(theirs, mine);
  const [peer] = theirs.peers.get();
  expect([peer?.selection?.length, peer?.selected]).toEqual([50, 80]);
  mine.destroy();
  theirs.destroy();
});

it("editor-P1: what others send is checked, and is gone with them", () => {
  const [mine, theirs] = [presenceOf(1), presenceOf(2, { id: "u2", name: "Bea" })];
  hear(mine, theirs);
  expect(mine.peers.get().map(({ user }) => user.name)).toEqual(["Bea"]);
  theirs.awareness.setLocalState({ user: { id: 5 }, playhead: "no" });
  hear(mine, theirs);
  expect(mine.peers.get()).toEqual([]);
  mine.forgetOthers("test");
  expect(mine.awareness.getStates().size).toBe(1);
  mine.destroy();
  theirs.destroy();
});

it("editor-P2: a colour is told by the id and moved on while somebody else has it", () => {
  const own = colorIndex("u1", new Set());
  expect(colorIndex("u1", new Set())).toBe(own);
  expect(colorIndex("u1", new Set([own]))).toBe((own + 1) % COLORS);
  const [first, second] = [presenceOf(1), presenceOf(2, { id: "u1x", name: "Bea" })];
  const clash = colorIndex("u1x", new Set()) === own;
  hear(second, first);
  hear(first, second);
  expect(second.peers.get()[0]?.user.color).toBe(first.color);
  expect(first.awareness.getLocalState()?.["user"]).toMatchObject({
    color: expect.stringMatching(/^#[0-9a-f]{6}$/),
  });
  const colors = [first.color, second.color];
  expect(clash ? new Set(colors).size : 2).toBe(2);
  first.destroy();
  second.destroy();
});
