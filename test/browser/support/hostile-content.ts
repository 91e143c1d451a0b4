import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type LiteralType, LiteralTypeSchema, SimpleType } from "../../../src/idl/literals.ts";
import type { JsonValue } from "../../../src/shared/json.ts";
import { toLiteral } from "../../../src/values/literals.ts";
import { type DevboxClient, nameOf, runIdOf, type TaskId } from "../../support/devbox-client.ts";

/** Sets a global where a page takes it for markup or for an address. */
export const markup =
  '<img src=x onerror="pwned=1"><script>pwned=1</script></script><svg onload=pwned=1>';
/** What steers terminals and the direction of text, and what cannot be seen. */
const steering = "\u001b]8;;javascript:pwned=1\u0007\u001b[2J\u202egpj.exe\u2066\u200b\0\ufeff";
export const hostile = `${markup}"'${steering}`;
/** As it is shown. */
export const shown = "[U+001B]]8;;javascript:pwned=1[U+0007][U+001B][2J[U+202E]gpj.exe[U+2066]";

/** Names take no slash and nothing that cannot be seen. */
const taskName = "<img src=x onerror=pwned=1>.{{constructor}}";
export const lastLine = "the last of 100,000 lines";

const simple = (value: SimpleType): LiteralType =>
  create(LiteralTypeSchema, { type: { case: "simple", value } });
const list = (value: LiteralType): LiteralType =>
  create(LiteralTypeSchema, { type: { case: "collectionType", value } });
const file = create(LiteralTypeSchema, { type: { case: "blob", value: { format: hostile } } });

function nested(depth: number): JsonValue {
  return depth === 0 ? hostile : { deeper: nested(depth - 1), also: [markup] };
}

/** Each with the type it is declared with. */
const values: readonly (readonly [name: string, value: JsonValue, type: LiteralType])[] = [
  ["text", hostile, simple(SimpleType.STRING)],
  ["huge", `${markup}${"x".repeat(1_000_000)}`, simple(SimpleType.STRING)],
  ["script", "javascript:pwned=1", file],
  ["page", `data:text/html,${markup}`, file],
  ["numbers", Array.from({ length: 10_000 }, (_, at) => at), list(simple(SimpleType.INTEGER))],
  [
    "records",
    [{ [markup]: hostile, constructor: 1, toString: "x" }],
    list(simple(SimpleType.STRUCT)),
  ],
  ["deep", nested(60), simple(SimpleType.STRUCT)],
  [markup, 9007199254740993n, simple(SimpleType.INTEGER)],
];

/** What somebody with bad intentions may put into a devbox. */
export interface HostileContent {
  readonly task: TaskId;
  readonly trigger: string;
  /** Runs by how they ended. */
  readonly succeeded: string;
  readonly failed: string;
  readonly aborted: string;
}

/** Puts it there, as a user. */
export async function createHostileContent(client: DevboxClient): Promise<HostileContent> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-hostile-"));
  try {
    const log = join(folder, "log");
    await writeFile(log, hostileLog());
    const task = await deploy(client, taskName, `cat ${log}; cp "$in" "$out/outputs.pb"`);
    const failing = await deploy(client, "fails", `printf '%s' "$TEXT" >&2; exit 1`);
    const waiting = await deploy(client, "waits", "sleep 1000");
    const trigger = `nightly ${markup.replaceAll("/", "|")}`;
    await client.triggers.deployTrigger({
      name: { project: task.project, domain: task.domain, taskName: task.name, name: trigger },
      spec: {
        taskVersion: task.version,
        active: false,
        description: hostile,
        inputs: { literals: literals() },
      },
      automationSpec: {
        automation: {
          case: "schedule",
          value: {
            expression: { case: "cron", value: { expression: "0 2 * * *", timezone: "UTC" } },
          },
        },
      },
    });
    const [succeeded, failed, aborted] = await Promise.all(
      [task, failing, waiting].map((each) => startHostile(client, each)),
    );
    if (succeeded === undefined || failed === undefined || aborted === undefined) throw new Error();
    await client.reach(aborted, "running");
    await client.runs.abortRun({ runId: runIdOf(aborted), reason: hostile });
    await Promise.all([succeeded, failed, aborted].map((run) => client.reach(run)));
    return {
      task,
      trigger,
      succeeded: nameOf(succeeded),
      failed: nameOf(failed),
      aborted: nameOf(aborted),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function hostileLog(): string {
  const lines = Array.from({ length: 100_000 }, (_, at) => `line ${at}`);
  const progress = Array.from({ length: 50 }, (_, at) => `${at * 2}%|${"█".repeat(at)}`).join("\r");
  const special = [hostile, `\u001b[31m${markup}\u001b[0m`, "y".repeat(1_000_000), progress];
  return [...lines, ...special, lastLine, ""].join("\n");
}

async function deploy(client: DevboxClient, name: string, script: string): Promise<TaskId> {
  const version = '<b onclick="pwned=1">v1';
  const taskId = { project: "flytesnacks", domain: "development", name, version };
  const paths = `in="\${1#file://}"; out="\${2#file://}";`;
  const args = ["sh", "-c", `${paths} ${script}`, "sh", "{{.input}}", "{{.outputPrefix}}"];
  const variables = values.map(([key, , type]) => ({ key, value: { type, description: hostile } }));
  await client.tasks.deployTask({
    taskId,
    spec: {
      shortName: hostile.slice(0, 60),
      environment: { name: markup, description: hostile },
      documentation: { shortDescription: hostile, longDescription: hostile },
      taskTemplate: {
        type: "shell",
        interface: { inputs: { variables }, outputs: { variables } },
        target: { case: "container", value: { args, env: [{ key: "TEXT", value: markup }] } },
      },
    },
  });
  return taskId;
}

const literals = () =>
  values.map(([name, value, type]) => ({ name, value: toLiteral(value, type) }));

async function startHostile(client: DevboxClient, task: TaskId) {
  return client.start(task, {
    inputWrapper: { case: "inputs", value: { literals: literals() } },
    runSpec: { labels: { values: { [markup]: hostile } }, envs: { values: [] } },
  });
}
