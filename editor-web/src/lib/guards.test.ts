import { expect, it } from "vitest";
import {
  isEither,
  isJson,
  isListOf,
  isNullOr,
  isNumber,
  isRecordOf,
  isShape,
  isString,
  isWord,
} from "./guards";
import { problemOf } from "./problem";

const isCursor = isEither(
  isShape({ area: isWord("timeline"), t: isNumber }),
  isShape({ area: isWord("preview") }, { zoom: isNullOr(isNumber) }),
);

it("editor-F4: what comes from outside is taken only where every named key is of its kind", () => {
  const good = [
    { area: "timeline", t: 1 },
    { area: "preview" },
    { area: "preview", zoom: null, more: 1 },
  ];
  const bad = [
    null,
    "timeline",
    [],
    {},
    { area: "timeline" },
    { area: "timeline", t: Number.NaN },
    { area: "preview", zoom: "2" },
    { area: "else", t: 1 },
  ];
  expect(good.filter(isCursor)).toEqual(good);
  expect(bad.filter(isCursor)).toEqual([]);
  expect([isListOf(isString)(["a"]), isListOf(isString)(["a", 1])]).toEqual([true, false]);
  expect([isRecordOf(isNumber)({ a: 1 }), isRecordOf(isNumber)([1])]).toEqual([true, false]);
  expect([isJson([{ a: [null, 1, "b", true] }]), isJson({ a: undefined })]).toEqual([true, false]);
});

it("editor-N4: a refusal that is no problem of ours still gives its status", () => {
  const response = new Response(null, { status: 409, headers: { "X-Trace-Id": "t1" } });
  const told = { title: "No", status: 409, code: "locked", id: "c1" };
  expect(problemOf(response, told)).toEqual({
    type: "about:blank",
    title: "No",
    status: 409,
    detail: "",
    instance: "",
    code: "locked",
    id: "c1",
    errors: [],
    traceId: "t1",
  });
  for (const body of [null, "<html>", { title: "No" }, { ...told, errors: [{ field: 1 }] }]) {
    expect(problemOf(response, body)).toMatchObject({ title: "HTTP 409", status: 409, errors: [] });
  }
});
