import { FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";
import { appRef, type Call, givenScope, givenText, pathValue, reading } from "../call.ts";
import type { Endpoint, EndpointName } from "../endpoint.ts";
import { absentRun, findRun, hidesRuns, type NameGuard, nameGuards } from "../guard.ts";
import type { Problem } from "../problem.ts";
import { guardImage } from "../routes/images.ts";
import { guardPrefetch } from "../routes/prefetch.ts";
import { guardOwner } from "../routes/signal-links.ts";
import { findTask } from "../routes/tasks.ts";
import { runOptionParameters } from "../starting/run-option-parameters.ts";
import { guardRunOptions } from "../starting/run-options.ts";
import { allowed, type Finding, notAsked, type Question, refused, wordsOf } from "./finding.ts";
import { refuseStranger } from "./inspectors.ts";
import { ofAct } from "./may-run.ts";

/** The questions of a request in the order in which its endpoint asks them, with the code of that endpoint. */
export function questionsOf(asked: Endpoint, call: Call): readonly Question[] {
  const { endpoint, options } = call;
  const { fence, group, name } = endpoint;
  return [
    { rule: "endpoint", ask: () => findEndpoint(asked, call) },
    ...(options.rateLimits === undefined ? [] : [rateLimit]),
    ...nameGuards[fence].map((guard) => ofGuard(guard, call)),
    ...(takesRunOptions(endpoint) ? [{ rule: "runOptions", ask: () => findOptions(call) }] : []),
    ...ofParameters(call),
    ...(group === "inspect" && !forAll.has(name) ? [ofInspectors(call)] : []),
    ...ofTarget(call),
    ...ofAct(asked, call),
  ];
}

/** Endpoints of the group `inspect` that every caller may ask. */
const forAll: ReadonlySet<EndpointName> = new Set(["inspect", "inspect_decision"]);

const rateLimit: Question = {
  rule: "rateLimit",
  ask: () => notAsked("Rate limits count requests: whether one is left is known when it comes."),
};

function findEndpoint({ name, group, method, path }: Endpoint, { options }: Call): Finding {
  return options.endpoints.some((served) => served.name === name)
    ? allowed(`The endpoint ${name} is served: ${method} ${path}.`)
    : refused(`The endpoint ${name} of the group ${group} is not served here.`);
}

const passes: Readonly<Record<NameGuard["rule"], (call: Call) => string>> = {
  selfReference: () => "It is not this webhook itself.",
  taskAllowlist: ({ options }) => listed("task", options.runsFenced),
  appAllowlist: ({ options }) => listed("app", options.appsListed),
  triggerAllowlist: ({ options }) => listed("trigger", options.triggersListed),
};

function listed(kind: string, isGiven: boolean): string {
  return isGiven
    ? `The ${kind} is in the option ${kind}Allowlist.`
    : `Every ${kind} is allowed: there is no option ${kind}Allowlist.`;
}

function ofGuard({ rule, check }: NameGuard, call: Call): Question {
  return { rule, ask: () => toFinding(check(call), passes[rule](call)) };
}

function toFinding(problem: Problem | undefined, detail: string): Finding {
  return problem === undefined ? allowed(detail) : refused(problem.detail);
}

function takesRunOptions({ parameters }: Endpoint): boolean {
  return runOptionParameters.some(({ name }) => parameters.some((own) => own.name === name));
}

function findOptions(call: Call): Finding {
  const { runOptions } = call.options;
  const may = runOptions.length === 0 ? "nothing" : runOptions.join(", ");
  return toFinding(guardRunOptions(call), `Of a run callers may set: ${may}.`);
}

function ofParameters(call: Call): readonly Question[] {
  const { name } = call.endpoint;
  if (name === "build_image") {
    const detail = "The allowlist takes the parts of the image.";
    return [{ rule: "buildAllowlist", ask: () => toFinding(guardImage(call), detail) }];
  }
  if (name !== "prefetch_hf_model") return [];
  const ask = (): Finding =>
    givenText(call, "repo") === undefined
      ? notAsked("It depends on the model: ask with repo in parameters.")
      : toFinding(guardPrefetch(call), "The allowlist takes the model.");
  return [{ rule: "prefetchAllowlist", ask }];
}

function ofInspectors(call: Call): Question {
  const ask = async () => toFinding(await refuseStranger(call), "The caller is an inspector.");
  return { rule: "inspectors", ask };
}

/** What of the control plane can be asked without changing anything: whether the target is there for the caller. */
function ofTarget(call: Call): readonly Question[] {
  const { fence, name } = call.endpoint;
  const { apps, triggers } = call.controlPlane;
  const asking = (what: string, read: () => Promise<Problem | undefined>): Question => ({
    rule: "controlPlane",
    ask: () => readable(call, what, read),
  });
  switch (fence) {
    case "task":
      return [
        asking("task", async () => {
          const found = await findTask(call);
          return "problem" in found ? found.problem : undefined;
        }),
      ];
    case "app":
      return [asking("app", () => apps.get(appRef(call), reading(call)).then(isThere))];
    case "trigger":
    case "fire": {
      const [task, trigger] = [pathValue(call, "task_name"), pathValue(call, "trigger_name")];
      const ref = { task, name: trigger, ...givenScope(call) };
      return [asking("trigger", () => triggers.get(ref, reading(call)).then(isThere))];
    }
    case "run":
      return [
        {
          rule: hidesRuns(call) ? "runFence" : "controlPlane",
          ask: () => findVisibleRun(call, name === "create_signal_link"),
        },
      ];
    case "list": {
      const detail = "Of a list everybody gets what they may read and the allowlists name.";
      return [{ rule: "allowlist", ask: () => allowed(detail) }];
    }
    default:
      return [];
  }
}

const isThere = (): undefined => undefined;

/** Answers of the control plane that are a refusal; others say that it cannot be asked. */
const refusals: ReadonlySet<FlyteErrorCode> = new Set([
  "not_found",
  "permission_denied",
  "invalid_input",
  "unimplemented",
  "precondition_failed",
]);

async function readable(
  call: Call,
  what: string,
  read: () => Promise<Problem | undefined>,
): Promise<Finding> {
  try {
    return toFinding(await read(), `The control plane lets the caller read the ${what}.`);
  } catch (error) {
    return refusalOf(call, error);
  }
}

/** @throws the error where it is no refusal */
function refusalOf(call: Call, error: unknown): Finding {
  if (!FlyteError.is(error) || !refusals.has(error.code)) throw error;
  return refused(wordsOf(call, error));
}

/** A run that may not be seen is refused in the words of one that is not there. */
async function findVisibleRun(call: Call, isOwnerAsked: boolean): Promise<Finding> {
  try {
    const run = await findRun(call);
    if (run === undefined) return refused(absentRun(call).detail);
    const problem = isOwnerAsked ? await guardOwner(call, run) : undefined;
    if (problem !== undefined) return { ...refused(problem.detail), rule: "runOwner" };
    return allowed("The run is there, and may be seen here by the caller.");
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return refused(absentRun(call).detail);
    return refusalOf(call, error);
  }
}
