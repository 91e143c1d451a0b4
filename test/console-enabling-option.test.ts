import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enablingOption } from "../console/src/webhook/enabling-option.ts";
import { endpoints } from "../src/webhook/endpoints.ts";
import { type EndpointSelection, selectEndpoints } from "../src/webhook/select-endpoints.ts";

/** What a webhook tells that was started with an option. */
function infoOf(selection: EndpointSelection) {
  const on = selectEndpoints(selection);
  return { endpoints: on, endpointsOff: endpoints.filter((endpoint) => !on.includes(endpoint)) };
}

/** What the option says, read as the command reads it. */
function toSelection(option: string): EndpointSelection {
  const [flag, ...names] = option.split(" ");
  return (flag === "--endpoints" ? { endpoints: names } : { endpointGroups: names }) as object;
}

describe("enablingOption", () => {
  test("keeps the short name of the original's groups", () => {
    expect(enablingOption(infoOf({ endpointGroups: ["all", "fire"] }), "live")).toBe(
      "--endpoint-group all fire live",
    );
  });

  test("names endpoints where a group is not served whole", () => {
    expect(enablingOption(infoOf({ endpoints: ["me", "run_task"] }), "wait")).toBe(
      "--endpoints me run_task run_task_and_wait",
    );
  });

  test("enables the group and keeps all that was on", () => {
    fc.assert(
      fc.property(
        fc.subarray([...new Set(endpoints.map(({ group }) => group))]),
        fc.subarray(
          endpoints.map(({ name }) => name),
          { minLength: 1 },
        ),
        fc.boolean(),
        fc.constantFrom(...endpoints.map(({ group }) => group)),
        (endpointGroups, names, byGroup, wanted) => {
          const info = infoOf(byGroup ? { endpointGroups } : { endpoints: names });
          fc.pre(info.endpointsOff.some(({ group }) => group === wanted));
          const after = selectEndpoints(toSelection(enablingOption(info, wanted)));
          expect(new Set(after)).toEqual(
            new Set([...info.endpoints, ...endpoints.filter(({ group }) => group === wanted)]),
          );
        },
      ),
    );
  });
});
