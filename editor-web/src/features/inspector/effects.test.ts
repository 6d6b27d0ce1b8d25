/** The stack of effects as the inspector changes it. */
import { describe, expect, it } from "vitest";
import { edited } from "@/timeline-core/commands";
import { documentFromJson } from "@/timeline-core/model";
import { addEffectCommand, effectsOf, moveCommands } from "./effects";

const film = (effects: Record<string, Record<string, string | boolean>>) =>
  documentFromJson({
    sequences: { s: {} },
    tracks: { v: { sequence: "s" } },
    clips: { c: { track: "v", start: 0, duration: 705_600_000 } },
    effects,
  });

const orderAfter = (document: ReturnType<typeof film>, index: number, by: -1 | 1) => {
  const stack = effectsOf(document.effects, "c");
  const effects = new Map(document.effects);
  for (const command of moveCommands(stack, index, by)) {
    const { id, values } = command as unknown as { id: string; values: { order: string } };
    effects.set(id, { ...effects.get(id), ...values });
  }
  return effectsOf(effects, "c").map(([id]) => id);
};

describe("the effect stack", () => {
  const three = film({
    a: { owner: "c", kind: "color", order: "a0" },
    b: { owner: "c", kind: "blur", order: "a1" },
    k: { owner: "c", kind: "lut", order: "a1" },
    sound: { owner: "c", kind: "eq", order: "a0" },
    other: { owner: "v", kind: "blur", order: "a0" },
    gone: { owner: "c", kind: "blur", order: "a0", removed: true },
  });

  it("lists what is seen, in the order in which it works", () => {
    expect(effectsOf(three.effects, "c").map(([id]) => id)).toEqual(["a", "b", "k"]);
  });

  it("moves an effect one place, also where two share a key", () => {
    expect(orderAfter(three, 1, 1)).toEqual(["a", "k", "b"]);
    expect(orderAfter(three, 2, -1)).toEqual(["a", "k", "b"]);
    expect(orderAfter(three, 0, 1)).toEqual(["b", "a", "k"]);
    expect(orderAfter(three, 0, -1)).toEqual(["a", "b", "k"]);
  });

  it("adds an effect above those that are there, and a blur that can be seen", () => {
    const command = addEffectCommand("c", "blur");
    const { changes } = edited(three, new Map(), [command], () => "new");
    const created = changes[0]?.after as Record<string, unknown>;
    expect(created).toMatchObject({ owner: "c", kind: "blur", "p:sigma_h": 0.01 });
    expect(String(created["order"]) > "a1").toBe(true);
  });
});
