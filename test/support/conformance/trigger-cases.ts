import { Code } from "@connectrpc/connect";
import type { ConformanceCase } from "./conformance-case.ts";

/** Both endpoints do the same to the same triggers. */
function casesOf(verb: "activate" | "deactivate"): readonly ConformanceCase[] {
  const endpoint = `${verb}_trigger` as const;
  const active = verb === "activate";
  const line = (trigger: string) => `POST /trigger/allowed.main/${trigger}/${verb}`;
  const switched = ["getTriggerDetails", "updateTriggers", "getTriggerDetails"];
  const words = (trigger: string) => `Failed to ${verb} trigger ${trigger}`;
  return [
    {
      endpoint,
      when: "the trigger is there",
      request: line("nightly"),
      fenced: true,
      calls: switched,
      ours: {
        status: 200,
        body: { task_name: "allowed.main", trigger_name: "nightly", active, next_fire_at: null },
      },
      upstream: {
        status: 200,
        body: { task_name: "allowed.main", trigger_name: "nightly", active },
      },
    },
    {
      endpoint,
      when: "the trigger is not in the allowlist",
      request: line("hourly"),
      fenced: true,
      calls: [],
      ours: { status: 403, code: "not_allowlisted" },
      upstream: { status: 403, detail: "Trigger allowed.main/hourly is not in the allowlist" },
    },
    {
      endpoint,
      when: "the trigger is one of another task",
      request: `POST /trigger/other.main/nightly/${verb}`,
      fenced: true,
      calls: [],
      ours: { status: 403, code: "not_allowlisted" },
      upstream: { status: 403, detail: "Trigger other.main/nightly is not in the allowlist" },
    },
    {
      endpoint,
      when: "the trigger is not there",
      request: line("absent"),
      calls: ["getTriggerDetails"],
      ours: { status: 404, code: "not_found", detail: "no trigger absent in shard 7" },
      upstream: { status: 500, detail: `${words("absent")}: no trigger absent in shard 7` },
    },
    {
      endpoint,
      when: "the trigger may not be switched",
      request: line("nightly"),
      failing: { updateTriggers: [Code.PermissionDenied, "not yours"] },
      calls: ["getTriggerDetails", "updateTriggers"],
      ours: { status: 403, code: "permission_denied", detail: "not yours" },
      upstream: { status: 500, detail: `${words("nightly")}: not yours` },
    },
    {
      endpoint,
      when: "triggers are not known to the control plane",
      request: line("nightly"),
      failing: { getTriggerDetails: [Code.Unimplemented, "no triggers here"] },
      calls: ["getTriggerDetails"],
      ours: { status: 501, code: "unimplemented", detail: "no triggers here" },
      upstream: { status: 500, detail: `${words("nightly")}: no triggers here` },
    },
  ];
}

export const triggerCases: readonly ConformanceCase[] = [
  ...casesOf("activate"),
  ...casesOf("deactivate"),
];
