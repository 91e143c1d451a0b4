import { type App, Status_DeploymentStatusSchema } from "../../idl/apps.ts";
import { type Filter, Filter_Function } from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";

const fields: ReadonlySet<string> = new Set(["status_phase", "deployment_status"]);

/** The prefix that every status has in the IDL, and that clients may leave out. */
const prefix = "DEPLOYMENT_STATUS_";

const numbers: ReadonlyMap<string, number> = new Map(
  Status_DeploymentStatusSchema.values.map(({ name, number }) => [name, number]),
);

/** Whether a filter asks how an app is doing, which the store does not know. */
export function isStateFilter({ field }: Filter): boolean {
  return fields.has(field);
}

/**
 * The test that filters on the status stand for, joined by AND. Statuses go by their names, such as
 * `DEPLOYMENT_STATUS_ACTIVE`; that of an app is the one of its last condition.
 *
 * @throws FlyteError `invalid_input` for another function or an unknown status
 */
export function toStateTest(filters: readonly Filter[]): (app: App) => boolean {
  const tests = filters.map(toTest);
  return (app) => {
    const status: number = app.status?.conditions.at(-1)?.deploymentStatus ?? 0;
    return tests.every((test) => test(status));
  };
}

function toTest({ field, function: how, values }: Filter): (status: number) => boolean {
  if (values.length === 0) throw invalid(`the filter on ${field} has no value`);
  const isOne = how === Filter_Function.EQUAL || how === Filter_Function.NOT_EQUAL;
  if (!isOne && how !== Filter_Function.VALUE_IN) {
    throw invalid(`the filter on ${field} takes EQUAL, NOT_EQUAL or VALUE_IN`);
  }
  if (isOne && values.length > 1) {
    throw invalid(`the filter on ${field} takes one value; use VALUE_IN`);
  }
  const asked = new Set(values.map((value) => readStatus(value, field)));
  return (status) => asked.has(status) !== (how === Filter_Function.NOT_EQUAL);
}

function readStatus(name: string, field: string): number {
  const number = numbers.get(name) ?? numbers.get(`${prefix}${name}`);
  if (number !== undefined) return number;
  const shown = JSON.stringify(name.slice(0, 80));
  const known = [...numbers.keys()].map((each) => each.slice(prefix.length)).join(", ");
  throw invalid(
    `the filter on ${field} has the status ${shown}; use ${prefix} and one of ${known}`,
  );
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
