import type { JsonObject } from "../../../src/shared/json.ts";
import { quoteShellWord } from "../../../src/shared/quote-shell-word.ts";
import type { Scope } from "../scope.ts";
import { toJsonText, toPython, toTypeScript } from "./value-literals.ts";

/** A start of a task, as programs say it. */
export interface TaskCall {
  /** Address of the webhook. */
  readonly webhook: string;
  /** Address of the control plane. */
  readonly controlPlane: string;
  readonly scope: Scope;
  readonly task: string;
  /** Undefined for the version deployed last. */
  readonly version: string | undefined;
  readonly inputs: JsonObject;
}

/** A command line that starts the run through the webhook, with the key from `FLYTE_API_KEY`. */
export function toCurl(call: TaskCall): string {
  return [
    `curl -X POST ${quoteShellWord(addressOf(call))}`,
    `-H "Authorization: Bearer $FLYTE_API_KEY"`,
    `-H 'Content-Type: application/json'`,
    `-d ${quoteShellWord(toJsonText(call.inputs))}`,
  ].join(" \\\n  ");
}

/** A program that starts the run with this package. */
export function toTypeScriptCall({ controlPlane, scope, task, version, inputs }: TaskCall): string {
  const named = { name: task, ...(version !== undefined && { version }) };
  return `import { initFromApiKey, remote, run } from "flyte-webhook";

// The key is that of the variable FLYTE_API_KEY.
await initFromApiKey(undefined, {
  endpoint: ${toTypeScript(controlPlane)},
  project: ${toTypeScript(scope.project)},
  domain: ${toTypeScript(scope.domain)},
});
const task = remote.Task.get(${toTypeScript(named)});
const started = await run(task, ${toTypeScript(inputs)});
console.log(started.url);
`;
}

/** A program that starts the run through the webhook. */
export function toPythonCall(call: TaskCall): string {
  return `import os

import requests

answer = requests.post(
    ${toPython(addressOf(call))},
    headers={"Authorization": f"Bearer {os.environ['FLYTE_API_KEY']}"},
    json=${toPython(call.inputs, "    ")},
    timeout=60,
)
answer.raise_for_status()
print(answer.json()["url"])
`;
}

function addressOf({ webhook, scope, task, version }: TaskCall): string {
  const path = ["run-task", scope.domain, scope.project, task].map(encodeURIComponent).join("/");
  const query = version === undefined ? "" : `?version=${encodeURIComponent(version)}`;
  return `${webhook}/${path}${query}`;
}
