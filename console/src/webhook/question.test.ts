import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WebhookInfo } from "./answers.ts";
import { kindOf, readQuestion, targetNames, targetText, toBody, toQuestion } from "./question.ts";
import { targetFields } from "./target.ts";

const endpoint = (name: string, group: string, path = "") => ({ name, group, method: "GET", path });
const info = {
  endpoints: [
    endpoint("run_task", "task"),
    endpoint("get_prefetch_hf_model", "prefetch"),
    endpoint("prefetch_hf_model", "prefetch"),
    endpoint("replay", "inspect", "/inspect/deliveries/{hook}/{request_id}/replay"),
    endpoint("me", "core"),
  ],
  endpointsOff: [{ name: "fire_trigger", group: "fire" }],
} as unknown as WebhookInfo;

describe("kindOf", () => {
  test.each([
    ["run_task", "task"],
    ["get_prefetch_hf_model", "run"],
    ["prefetch_hf_model", "model"],
    ["fire_trigger", "trigger"],
    ["replay", "deliveries"],
    ["hook", "hook"],
    ["me", "none"],
    ["no such", "none"],
  ])("%s acts on %s", (name, kind) => {
    expect(kindOf(info, name)).toBe(kind);
  });
});

describe("a question", () => {
  test("names its target as people do", () => {
    const values = { project: "p", domain: "d", name: " t.x ", task_name: "other", repo: "a/b" };
    expect(toQuestion("task", "run_task", values)).toEqual({
      endpoint: "run_task",
      project: "p",
      domain: "d",
      name: "t.x",
    });
    expect(targetText(toQuestion("task", "run_task", values))).toBe("d/p/t.x");
    expect(toBody(toQuestion("model", "prefetch_hf_model", values))).toEqual({
      endpoint: "prefetch_hf_model",
      parameters: { repo: "a/b" },
    });
    expect(readQuestion(new URLSearchParams("tab=decision&name=x"))).toBeUndefined();
  });

  test("comes back from the address as it went there", () => {
    const names = fc.constantFrom(...targetNames);
    const values = fc.dictionary(names, fc.string({ unit: "grapheme" }));
    const kinds = fc.constantFrom("task", "run", "trigger", "model", "hook", "none", "deliveries");
    fc.assert(
      fc.property(kinds, fc.string({ minLength: 1 }), values, (kind, name, given) => {
        const question = toQuestion(kind, name, given);
        const query = new URLSearchParams({ tab: "decision", ...question });
        expect(readQuestion(query)).toEqual(question);
        const fields = targetFields(kind).map((field) => field.name as string);
        expect(
          Object.keys(question).every((key) => key === "endpoint" || fields.includes(key)),
        ).toBe(true);
      }),
    );
  });
});
