import { createHash } from "node:crypto";
import { inTurns } from "../../shared/in-turns.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { type BatchItem, readBatch } from "../batch/read-batch.ts";
import type { Call } from "../call.ts";
import { runTaskEndpoint } from "../endpoints/task.ts";
import { guardNames } from "../guard.ts";
import { keyHeader } from "../idempotency/idempotency-key.ts";
import { replayedHeader } from "../idempotency/mark-replayed.ts";
import { readKey } from "../idempotency/read-key.ts";
import { type Problem, toDocument, toProblem } from "../problem.ts";
import { newRecord } from "../record/request-record.ts";
import { redactor } from "../redact.ts";
import { guardRunOptions } from "../starting/run-options.ts";
import { runTask } from "./tasks.ts";

const atATime = 8;

/** What became of one item. */
interface Outcome {
  readonly body: JsonObject & { readonly status: number };
  readonly isReplayed: boolean;
}

/** Starts runs of several tasks, each as run_task would. */
export async function runTasks(call: Call): Promise<Answer> {
  const read = readBatch(call.body);
  if ("problem" in read) return read;
  const { items } = read;
  call.record.target = `${items.length} tasks`;
  const outcomes = await inTurns(items, atATime, (item, index) => runItem(call, item, index));
  const failed = outcomes.filter(({ body }) => body.status !== 200).length;
  const isReplay = outcomes.length > 0 && outcomes.every(({ isReplayed }) => isReplayed);
  return {
    // Multi-Status (RFC 4918, 13): who looks at the status alone must not take a part for the whole.
    status: failed === 0 ? 200 : 207,
    ...(isReplay && { headers: { [replayedHeader]: "true" } }),
    body: {
      runs: outcomes.map(({ body }) => body),
      started: outcomes.length - failed,
      failed,
    },
  };
}

async function runItem(call: Call, item: BatchItem, index: number): Promise<Outcome> {
  const own = toOwnCall(call, item, index);
  let answer: Answer;
  try {
    const forbidden = guardNames(own) ?? guardRunOptions(own);
    answer = forbidden === undefined ? await runTask(own) : { problem: forbidden };
  } catch (error) {
    answer = { problem: toProblem(error, call.requestId) };
  }
  if ("problem" in answer) return refused(call, answer.problem);
  if ("stream" in answer) throw new Error("A start is answered with a body.");
  const isReplayed = answer.headers?.[replayedHeader] !== undefined;
  // The body of a start is an object.
  return { body: { status: 200, ...(answer.body as JsonObject) }, isReplayed };
}

function refused(call: Call, problem: Problem): Outcome {
  const document = toDocument(problem, call.requestId, redactor(call.auth));
  const json = { ...document } as unknown as JsonValue; // made of JSON
  return { body: { status: document.status, problem: json }, isReplayed: false };
}

/** The item as a request of its own: of its own decision and key, and that waits for nothing. */
function toOwnCall(call: Call, item: BatchItem, index: number): Call {
  const { options, controlPlane, auth, requestId, traceId, slot, record } = call;
  const { domain, project, name, parameters, inputs } = item;
  return {
    ...{ options, controlPlane, auth, requestId, traceId, slot },
    endpoint: runTaskEndpoint,
    path: { domain, project, name },
    parameters: { ...parameters, dry_run: call.parameters["dry_run"] },
    body: inputs,
    header: (header) => (header === keyHeader ? keyOfItem(call, index) : undefined),
    record: {
      ...newRecord(),
      endpoint: runTaskEndpoint.name,
      actsAs: record.actsAs,
      runs: record.runs,
      starts: record.starts,
    },
    get signal() {
      return call.signal;
    },
  };
}

function keyOfItem(call: Call, index: number): string | undefined {
  const given = call.header(keyHeader);
  if (given === undefined) return undefined;
  const key = readKey(given);
  if (key === undefined) return given;
  // Of one length, however long the key of the request is.
  return createHash("sha256").update(`${key}/${index}`).digest("hex");
}
