import { type Call, givenText, pathValue } from "../call.ts";
import type { EndpointName } from "../endpoint.ts";
import { taskSegments } from "../guard.ts";
import { type ProblemCode, problemKinds } from "../problem-codes.ts";

/** Why an endpoint could not do its work. */
export interface Failure {
  readonly call: Call;
  readonly code: ProblemCode;
  /** The call to the control plane that failed, as in `runs.start`. */
  readonly during: string | undefined;
  /** The error in the original's words. */
  readonly text: string;
}

/** The original's answer to a failure. */
export interface FailureAnswer {
  readonly status: number;
  readonly detail: string;
}

type Rule = (failure: Failure) => FailureAnswer;

/** One status for every failure, and one text before it. */
function always(status: number, describe: (call: Call) => string): Rule {
  return ({ call, text }) => ({ status, detail: `${describe(call)}: ${text}` });
}

function taskFailure({ call, code, during, text }: Failure): FailureAnswer {
  if (during !== "tasks.get" || code !== "not_found") return { status: 500, detail: text };
  const [domain, project, name] = taskSegments(call);
  const version = givenText(call, "version") ?? "latest";
  const detail = `Task ${name} with version ${version} in ${domain}/${project} not found`;
  return { status: 404, detail };
}

function asHere({ code, text }: Failure): FailureAnswer {
  return { status: problemKinds[code].status, detail: text };
}

const name = (call: Call): string => pathValue(call, "name");
const run = (call: Call): string => pathValue(call, "run_name");
const trigger = (call: Call): string => pathValue(call, "trigger_name");

/** How the original answers when an endpoint fails; misleading as it is, clients may rely on it. */
const failures: Readonly<Partial<Record<EndpointName, Rule>>> = {
  health: ({ text }) => ({ status: 500, detail: text }),
  me: () => ({ status: 401, detail: "Invalid credentials or unauthorized" }),
  run_task: taskFailure,
  get_task: taskFailure,
  get_run: always(404, (call) => `Run ${name(call)} not found`),
  get_run_io: always(404, (call) => `Run ${name(call)} not found or I/O unavailable`),
  abort_run: always(500, (call) => `Failed to abort run ${name(call)}`),
  get_app: always(404, (call) => `App ${name(call)} not found`),
  activate_app: always(500, (call) => `Failed to activate app ${name(call)}`),
  deactivate_app: always(500, (call) => `Failed to deactivate app ${name(call)}`),
  call_app: always(
    500,
    (call) => `Failed to call app ${name(call)} endpoint ${givenText(call, "path") ?? ""}`,
  ),
  activate_trigger: always(500, (call) => `Failed to activate trigger ${trigger(call)}`),
  deactivate_trigger: always(500, (call) => `Failed to deactivate trigger ${trigger(call)}`),
  build_image: always(500, () => "Failed to build image"),
  prefetch_hf_model: always(500, () => "Failed to prefetch HF model"),
  get_prefetch_hf_model: always(404, (call) => `Prefetch run ${run(call)} not found`),
  get_prefetch_hf_model_io: always(
    404,
    (call) => `Prefetch run ${run(call)} not found or I/O unavailable`,
  ),
  abort_prefetch_hf_model: always(500, (call) => `Failed to abort prefetch run ${run(call)}`),
};

/** The original's answer; what it does not have is answered as here, since no client relies on statuses of its own. */
export function answerFailure(failure: Failure): FailureAnswer {
  return (failures[failure.call.endpoint.name] ?? asHere)(failure);
}
