import type { JsonObject } from "../../shared/json.ts";
import { packageVersion } from "../../shared/package-files.ts";
import { within } from "../../shared/within.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { endpoints } from "../endpoints.ts";
import type { ResolvedHook } from "../hooks/resolve-hooks.ts";
import { takesKey } from "../openapi/describe-key.ts";
import { knowCaller } from "./inspectors.ts";

/** How long an answer waits for the names of those whom hooks act as, in milliseconds. */
const subjectPatienceMs = 500;

/** Tells a caller whom the control plane knows what this webhook is. */
export async function describeWebhook(call: Call): Promise<Answer> {
  const caller = await knowCaller(call);
  if ("problem" in caller) return caller;
  const { options } = call;
  const served = new Set(options.endpoints);
  const { task, trigger, app, build, prefetch } = options.allowlists;
  const hooks = options.hooks.map((hook) => describeHook(hook, caller.isInspector));
  return {
    body: {
      name: options.name,
      version: packageVersion(),
      endpoints: options.endpoints.map(({ name, group, method, path }) => {
        return { name, group, method, path };
      }),
      endpoints_off: endpoints
        .filter((endpoint) => !served.has(endpoint))
        .map(({ name, group }) => ({ name, group })),
      allowlists: {
        task: task ?? null,
        trigger: trigger ?? null,
        app: app ?? null,
        build: build ?? null,
        prefetch: prefetch ?? null,
      },
      run_scope: options.runScope,
      run_options: options.runOptions,
      hooks: await Promise.all(hooks),
      audit: options.audit?.file !== undefined,
      idempotency: options.endpoints.some(takesKey),
      inspector: caller.isInspector,
    },
  };
}

async function describeHook(hook: ResolvedHook, isInspector: boolean): Promise<JsonObject> {
  return {
    name: hook.name,
    path: hook.path,
    provider: hook.from.provider,
    events: hook.events ?? null,
    acts_as: `hook:${hook.name}`,
    subject: isInspector ? await subjectOf(hook) : null,
    keeps_payloads: hook.keepPayloads,
  };
}

/** Null where the control plane does not say, or not in time. */
async function subjectOf({ runAs }: ResolvedHook): Promise<string | null> {
  const asked = runAs.who().then(
    ({ subject }) => subject ?? null,
    () => null,
  );
  return (await within(asked, subjectPatienceMs)) ? asked : null;
}
