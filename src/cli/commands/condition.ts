import type { ConditionStatus } from "../../client/condition-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject, JsonValue } from "../../shared/json.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, print, printJson, printTime, table } from "../output.ts";

/** `flyte-webhook get condition`: what a run waits for, or one condition with all that is known of it. */
export async function getCondition(
  run: string,
  condition: string | undefined,
  options: ConnectionOptions,
): Promise<void> {
  await using controlPlane = await connect(options);
  if (condition !== undefined) {
    return show(await controlPlane.conditions.get({ name: run, condition }), options);
  }
  const found = await controlPlane.conditions.list({ name: run });
  if (options.json === true) return printJson(found.map(toJson));
  print(
    table(
      ["name", "action", "type", "phase", "since", "value", "prompt"],
      found.map((one) => [
        one.name,
        one.action,
        one.type ?? "-",
        one.phase,
        printTime(one.since),
        one.value === undefined ? "-" : String(one.value),
        one.prompt,
      ]),
    ),
  );
}

/** `flyte-webhook signal`: signals a condition of a run and shows the state read back. */
export async function signal(
  run: string,
  condition: string,
  text: string,
  options: ConnectionOptions,
): Promise<void> {
  await using controlPlane = await connect(options);
  const asked = await controlPlane.conditions.get({ name: run, condition });
  const ref = { name: run, condition: asked.action };
  show(await controlPlane.conditions.signal(ref, toValue(text, asked.type)), options);
}

/** The text of a command line as a value of the type that is waited for. */
export function toValue(text: string, type: ConditionStatus["type"]): JsonValue {
  switch (type) {
    case "boolean":
      if (/^(true|yes|y|1)$/i.test(text)) return true;
      if (/^(false|no|n|0)$/i.test(text)) return false;
      throw misfit(text, "yes or no");
    case "integer":
      if (/^[+-]?\d{1,30}$/.test(text)) return BigInt(text);
      throw misfit(text, "a whole number");
    case "float":
      if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
      throw misfit(text, "a number");
    default:
      return text;
  }
}

function misfit(text: string, wanted: string): FlyteError {
  const shown = JSON.stringify(text.slice(0, 80));
  return new FlyteError("invalid_input", `The value ${shown} must be ${wanted}.`);
}

function show(condition: ConditionStatus, options: ConnectionOptions): void {
  if (options.json === true) {
    printJson(toJson(condition));
    return;
  }
  const { value } = condition;
  print(
    fields([
      ["condition", condition.name],
      ["run", condition.run],
      ["action", condition.action],
      ["asked by", condition.parent],
      ["prompt", condition.prompt],
      ["description", condition.description],
      ["type", condition.type],
      ["phase", condition.phase],
      ["since", condition.since && printTime(condition.since)],
      ["until", condition.deadline && printTime(condition.deadline)],
      ["value", value === undefined ? undefined : String(value)],
      ["signalled by", condition.signalledBy],
      ["ended", condition.endedAt && printTime(condition.endedAt)],
    ]),
  );
}

function toJson(condition: ConditionStatus): JsonObject {
  const { type, since, deadline, endedAt, value, signalledBy, ...rest } = condition;
  return {
    ...rest,
    type: type ?? null,
    since: since?.toISOString() ?? null,
    deadline: deadline?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    value: value ?? null,
    signalledBy: signalledBy ?? null,
  };
}
