import { type Fault, invalidInput } from "../shared/errors.ts";
import { fromNative } from "./native-values.ts";
import { UserError } from "./task-errors.ts";
import type { TaskFields } from "./task-type.ts";

interface Values {
  readonly [name: string]: unknown;
}

/**
 * Fills in the defaults of inputs that were not given, and checks them all.
 *
 * @throws FlyteError `invalid_input` with every fault.
 */
export function completeInputs(task: string, fields: TaskFields, given: Values): Values {
  const { values, faults } = complete(`is not an input of ${task}`, fields, given);
  if (faults.length > 0) throw invalidInput(faults);
  return values;
}

/**
 * Checks what a task's function has returned against the declared outputs.
 *
 * @throws UserError `InvalidOutputs` with every fault.
 */
export function completeOutputs(task: string, fields: TaskFields, result: unknown): Values {
  const names = Object.keys(fields);
  if (names.length === 0) return {};
  if (typeof result !== "object" || result === null) {
    const faults = [{ path: [], message: `an object with ${names.join(", ")} is expected` }];
    throw invalidOutputs(task, faults);
  }
  const { values, faults } = complete("is not a declared output", fields, result as Values);
  if (faults.length > 0) throw invalidOutputs(task, faults);
  return values;
}

function complete(
  unknownName: string,
  fields: TaskFields,
  given: Values,
): { readonly values: Values; readonly faults: readonly Fault[] } {
  const faults: Fault[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => ({ path: [name], message: unknownName }));
  const values = Object.entries(fields).map(([name, { shape, fallback }]) => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = own === undefined ? fallback?.value : own;
    if (value === undefined && shape.kind !== "none") {
      faults.push({ path: [name], message: "is missing" });
    } else {
      const inner = fromNative(shape, value).faults;
      faults.push(...inner.map(({ path, message }) => ({ path: [name, ...path], message })));
    }
    return [name, value ?? null];
  });
  return { values: Object.fromEntries(values) as Values, faults };
}

function invalidOutputs(task: string, faults: readonly Fault[]): UserError {
  const { message } = invalidInput(faults);
  return new UserError(`Task ${task} returned outputs other than declared: ${message}`, {
    code: "InvalidOutputs",
    retryable: false,
  });
}
