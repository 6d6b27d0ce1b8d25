import { expect, it } from "vitest";
import type { Member, Role } from "@/lib/api/types";
import { fateOf } from "./leaving";

const person = (id: string, role: Role): Member => ({
  id,
  role,
  name: id,
  email: null,
  created_at: "2026-11-01T10:00:00Z",
});
const me = person("me", "owner");

it("editor-A1: a workspace closes with who was alone in it", () => {
  expect(fateOf([me], "me")).toBe("closes");
});

it("editor-A1: a workspace stays with an owner who stays", () => {
  expect(fateOf([me, person("ravi", "owner")], "me")).toBe("stays");
  expect(fateOf([person("me", "editor"), person("ravi", "owner")], "me")).toBe("stays");
});

it("editor-A1: a workspace waits where those who stay have no owner", () => {
  expect(fateOf([me, person("ravi", "editor"), person("bea", "billing")], "me")).toBe("waits");
});
