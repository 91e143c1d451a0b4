import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, givenText, resolvedScope } from "../call.ts";
import { guardTaskOfHook } from "../hooks/act-on-event.ts";
import { newRecord, type RequestRecord } from "../record/request-record.ts";
import { targetOf } from "../record/target-of.ts";
import { askedEndpoint, toAskedCall } from "./decision-call.ts";
import { questionsOf } from "./decision-steps.ts";
import { allowed, type Finding, notAsked, type Question, refused } from "./finding.ts";
import { knowCaller } from "./inspectors.ts";

/**
 * Tells whether a request of this caller would get past, and by which rule. It asks what the endpoint itself would ask, with
 * its code, up to where something would be changed.
 */
export async function explainDecision(call: Call): Promise<Answer> {
  const caller = await knowCaller(call);
  if ("problem" in caller) return caller;
  const hook = askedHook(call);
  if (hook !== undefined) {
    const record = newRecord();
    return { body: await decide(questionsOfHook(call, hook, record), record) };
  }
  const endpoint = askedEndpoint(call);
  const asked = toAskedCall(call, endpoint);
  const target = targetOf(asked);
  if (target !== undefined) call.record.target = target;
  return { body: await decide(questionsOf(endpoint, asked), asked.record) };
}

async function decide(
  questions: readonly Question[],
  record: Pick<RequestRecord, "rule" | "decision">,
): Promise<JsonObject> {
  const steps: (Finding & { readonly rule: string })[] = [];
  for (const { rule, ask } of questions) {
    const over = steps.find(({ outcome }) => outcome === "refused");
    const found =
      over === undefined ? await ask() : notAsked(`${over.rule} has refused it before.`);
    steps.push(...[found].flat().map((finding) => ({ rule, ...finding })));
  }
  const shown = steps.map(({ rule, outcome, detail }) => ({ rule, outcome, detail }));
  const refusing = steps.find(({ outcome }) => outcome === "refused");
  if (refusing !== undefined) {
    return { allowed: false, rule: refusing.rule, detail: refusing.detail, steps: shown };
  }
  const open = steps.filter(({ outcome }) => outcome === "not_asked");
  const detail =
    open.length === 0
      ? "It gets past."
      : `Nothing refuses it, as far as that is known without trying. ${open.map((step) => step.detail).join(" ")}`;
  const rule = record.decision === "allowed" ? record.rule : undefined;
  return { allowed: true, rule: rule ?? "noAllowlist", detail, steps: shown };
}

/** The hook of a question about deliveries: `hook:NAME`, as the audit log has it. */
function askedHook(call: Call): string | undefined {
  const endpoint = givenText(call, "endpoint") ?? "";
  if (endpoint === "hook") return givenText(call, "hook") ?? "";
  return endpoint.startsWith("hook:") ? endpoint.slice("hook:".length) : undefined;
}

/** What a delivery has to pass. Nothing is asked with the hook's credential, which is not the caller's. */
function questionsOfHook(call: Call, name: string, record: RequestRecord): readonly Question[] {
  const { options } = call;
  const isThere = options.hooks.some((hook) => hook.name === name);
  const task = givenText(call, "name");
  const ask = (): Finding => {
    if (task === undefined) return notAsked("It depends on the task: ask with its name.");
    const { domain, project } = resolvedScope(call);
    const problem = guardTaskOfHook(options, record, { domain, project, name: task });
    if (problem !== undefined) return refused(problem.detail);
    return allowed(
      options.runsFenced
        ? "The task is in the option taskAllowlist."
        : "Every task is allowed: there is no option taskAllowlist.",
    );
  };
  return [
    {
      rule: "endpoint",
      ask: () =>
        isThere ? allowed(`There is a hook ${name}.`) : refused(`There is no hook ${name}.`),
    },
    {
      rule: "signature",
      ask: () => notAsked("Whether a delivery is signed is known when it comes."),
    },
    {
      rule: "mapping",
      ask: () => notAsked("Which task it starts is said by the hook's code."),
    },
    { rule: "taskAllowlist", ask },
    {
      rule: "controlPlane",
      ask: () =>
        notAsked("Whether the credential of the hook may run it is known when a delivery comes."),
    },
  ];
}
