import type { AppPhase, AppStatus } from "../../client/app-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import { acting, appRef, type Call } from "../call.ts";
import type { Problem } from "../problem.ts";

const starting: ReadonlySet<AppPhase> = new Set<AppPhase>([
  "assigned",
  "pending",
  "deploying",
  "scaling_up",
  "scaling_down",
]);

/**
 * Looks an app up and waits for one that is on its way, until the signal ends the wait.
 *
 * @returns the address of the app, or the problem that it takes no requests
 */
export async function findReadyApp(
  call: Call,
  signal: AbortSignal,
): Promise<{ readonly endpoint: string } | { readonly problem: Problem }> {
  const { apps } = call.controlPlane;
  const options = { ...acting(call), signal };
  let app = await apps.get(appRef(call), options);
  // What comes now is waiting for the app, and its answer.
  call.slot.giveBack();
  if (starting.has(app.phase)) {
    try {
      for await (app of apps.watch(appRef(call), options)) if (!starting.has(app.phase)) break;
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "deadline_exceeded") throw error;
      const detail = `App ${app.name} is still ${state(app)} after the ${call.options.callTimeoutMs} ms that a call may take. Try again later.`;
      return { problem: { code: "deadline_exceeded", detail } };
    }
  }
  const problem = findProblem(app);
  return problem === undefined ? { endpoint: app.endpoint } : { problem };
}

function findProblem(app: AppStatus): Problem | undefined {
  const { name, phase, message, isDeactivated, endpoint } = app;
  if (phase === "failed") {
    return { code: "app_failed", detail: `App ${name} failed${message && `: ${message}`}` };
  }
  const remedy = `Activate it first, with POST /app/${name}/activate.`;
  if (isDeactivated) {
    return { code: "conflict", detail: `App ${name} is switched off (${phase}). ${remedy}` };
  }
  if (endpoint !== "") return undefined;
  return { code: "conflict", detail: `App ${name} is ${state(app)} and has no address. ${remedy}` };
}

function state({ phase, message }: AppStatus): string {
  return `${phase}${message && ` (${message})`}`;
}
