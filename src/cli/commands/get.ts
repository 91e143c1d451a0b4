import type { RunStatus, TaskDetails } from "../../client/control-plane.ts";
import type { LogLine } from "../../client/run-calls.ts";
import { parseTaskName } from "../../values/identifiers.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, print, printJson, printTime, table } from "../output.ts";

interface GetRunOptions extends ConnectionOptions {
  readonly io?: boolean;
  readonly limit: number;
}

/** `flyte-webhook get run`: one run, or the latest ones. */
export async function getRun(name: string | undefined, options: GetRunOptions): Promise<void> {
  await using controlPlane = await connect(options);
  if (name === undefined) {
    const runs = await controlPlane.runs.list({}, { limit: options.limit });
    if (options.json === true) return printJson(runs.map(runToJson));
    return print(
      table(
        ["name", "phase", "task", "owner", "started"],
        runs.map((run) => [
          run.name,
          run.phase,
          run.task?.name ?? "-",
          run.owner ?? "-",
          printTime(run.startedAt),
        ]),
      ),
    );
  }
  if (options.io !== true) return showRun(await controlPlane.runs.get({ name }), options);
  const { status, inputs, outputs } = await controlPlane.runs.io({ name });
  if (options.json === true) return printJson({ ...runToJson(status), inputs, outputs });
  showRun(status, options);
  printJson({ inputs, outputs });
}

/** `flyte-webhook get task`: one task, or all of the project and domain. */
export async function getTask(task: string | undefined, options: ConnectionOptions): Promise<void> {
  await using controlPlane = await connect(options);
  if (task !== undefined) {
    const details = await controlPlane.tasks.get(parseTaskName(task));
    return options.json === true ? printJson(taskToJson(details)) : showTask(details);
  }
  const tasks = await controlPlane.tasks.list();
  if (options.json === true) {
    return printJson(
      tasks.map(({ deployedAt, ...rest }) => ({
        ...rest,
        deployedAt: deployedAt?.toISOString() ?? null,
      })),
    );
  }
  print(
    table(
      ["name", "version", "project", "domain", "deployed"],
      tasks.map(({ name, version, project, domain, deployedAt }) => [
        name,
        version,
        project,
        domain,
        printTime(deployedAt),
      ]),
    ),
  );
}

/** `flyte-webhook get logs`: what a run wrote, followed until its end. */
export async function getLogs(
  name: string,
  options: ConnectionOptions & { readonly attempt?: number },
): Promise<void> {
  await using controlPlane = await connect(options);
  const lines = controlPlane.runs.logs(
    { name },
    options.attempt === undefined ? {} : { attempt: options.attempt },
  );
  for await (const line of lines) printLine(line, options);
}

/** `flyte-webhook whoami`: whom the control plane takes the caller for. */
export async function whoami(options: ConnectionOptions): Promise<void> {
  await using controlPlane = await connect(options);
  const { subject, name, email } = await controlPlane.users.me();
  if (options.json === true) return printJson({ subject, name, email });
  print(
    fields([
      ["subject", subject],
      ["name", name],
      ["email", email],
      ["at", controlPlane.endpoint],
    ]),
  );
}

function printLine({ message, time }: LogLine, { json }: ConnectionOptions): void {
  if (json === true) print(JSON.stringify({ time: time?.toISOString() ?? null, message }));
  else print(message);
}

function showRun(run: RunStatus, options: ConnectionOptions): void {
  if (options.json === true) {
    printJson(runToJson(run));
    return;
  }
  print(
    fields([
      ["run", run.name],
      ["phase", run.phase],
      [
        "task",
        run.task && `${run.task.domain}/${run.task.project}/${run.task.name}@${run.task.version}`,
      ],
      ["owner", run.owner],
      ["attempts", String(run.attempts)],
      ["started", run.startedAt && printTime(run.startedAt)],
      ["ended", run.endedAt && printTime(run.endedAt)],
      ["error", run.error?.message],
      ["aborted", run.abortReason],
      ["url", run.url],
    ]),
  );
}

function showTask(task: TaskDetails): void {
  print(
    fields([
      ["task", task.name],
      ["version", task.version],
      ["project", task.project],
      ["domain", task.domain],
      ["type", task.taskType],
      ["required", task.requiredInputs.join(", ")],
      ["defaulted", task.defaultInputs.join(", ")],
      ["secrets", task.secrets.join(", ")],
    ]),
  );
  printJson(task.inputSchema);
}

function runToJson(run: RunStatus) {
  return {
    name: run.name,
    project: run.project,
    domain: run.domain,
    phase: run.phase,
    done: run.done,
    url: run.url,
    task: run.task === undefined ? null : { ...run.task },
    owner: run.owner ?? null,
    attempts: run.attempts,
    startedAt: run.startedAt?.toISOString() ?? null,
    endedAt: run.endedAt?.toISOString() ?? null,
    error: run.error === undefined ? null : { ...run.error },
    abortReason: run.abortReason ?? null,
  };
}

function taskToJson(task: TaskDetails) {
  return { ...task, requiredInputs: [...task.requiredInputs], cache: { ...task.cache } };
}
