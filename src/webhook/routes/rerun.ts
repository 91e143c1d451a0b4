import type { RunOptions } from "../../client/control-plane.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenScope, givenText, runRef } from "../call.ts";
import { beginRun } from "../starting/begin-run.ts";
import { toPlanBody } from "../starting/plan-body.ts";
import { onFoundRun } from "./runs.ts";

/** Starts a run like an earlier one that may be seen. */
export function rerunRun(call: Call): Promise<Answer> {
  return onFoundRun(call, ({ project, domain, name }) => {
    const { runs } = call.controlPlane;
    const ref = runRef(call);
    const inputs = isJsonObject(call.body) ? call.body : {};
    const version = givenText(call, "version");
    const withVersion = (options: RunOptions) => ({
      ...options,
      ...(version !== undefined && { version }),
    });
    const start = {
      target: `run ${domain}/${project}/${name}`,
      payload: { version: version ?? null, inputs },
      options: { ...acting(call), ...givenScope(call) },
      begin: (options: RunOptions) => runs.rerun(ref, inputs, withVersion(options)),
      plan: (options: RunOptions) =>
        runs.planRerun(ref, inputs, withVersion(options)).then(toPlanBody),
    };
    return beginRun(call, start, (run) => ({ url: run.url, name: run.name }));
  });
}
