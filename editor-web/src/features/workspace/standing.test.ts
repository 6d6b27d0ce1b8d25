import { expect, it } from "vitest";
import type { Member, Role } from "@/lib/api/types";
import { standingOf } from "./standing";

const person = (id: string, role: Role): Member => ({
  id,
  role,
  name: id,
  email: null,
  created_at: "2026-11-01T10:00:00Z",
});
const NOTHING = { mayChange: false, mayRemove: false, mayLeave: false, isLastOwner: false };

it("editor-A3: an owner changes and removes the others; the last owner stays one", () => {
  const [ana, ravi] = [person("ana", "owner"), person("ravi", "editor")];
  const all = [ana, ravi];
  expect(standingOf(ravi, all, "ana")).toEqual({ ...NOTHING, mayChange: true, mayRemove: true });
  expect(standingOf(ana, all, "ana")).toEqual({ ...NOTHING, isLastOwner: true });
});

it("editor-A3: one of two owners may change what they are, and leave", () => {
  const [ana, ravi] = [person("ana", "owner"), person("ravi", "owner")];
  const all = [ana, ravi];
  expect(standingOf(ana, all, "ana")).toEqual({ ...NOTHING, mayChange: true, mayLeave: true });
  expect(standingOf(ravi, all, "ana")).toEqual({ ...NOTHING, mayChange: true, mayRemove: true });
});

it("editor-A3: who is no owner may leave, and nothing else", () => {
  const [ana, ravi] = [person("ana", "owner"), person("ravi", "billing")];
  const all = [ana, ravi];
  expect(standingOf(ravi, all, "ravi")).toEqual({ ...NOTHING, mayLeave: true });
  expect(standingOf(ana, all, "ravi")).toEqual({ ...NOTHING, isLastOwner: true });
});
