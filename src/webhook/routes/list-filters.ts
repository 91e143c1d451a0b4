import { invalidInput } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { type Call, givenText, givenTexts } from "../call.ts";

/** The phases a request names. @throws FlyteError `invalid_input` naming those that are none */
export function givenPhases<Name extends string>(
  call: Call,
  known: readonly Name[],
): { readonly phases?: readonly Name[] } {
  const names = givenTexts(call, "phase");
  if (names === undefined || names.length === 0) return {};
  const faults = names.flatMap((name, index) => {
    if (known.some((phase) => phase === name)) return [];
    const meant = nearestName(name, known);
    const remedy =
      meant === undefined ? `there are: ${known.join(", ")}` : `did you mean ${meant}?`;
    return [{ path: ["query", "phase", index], message: `is no phase; ${remedy}` }];
  });
  if (faults.length > 0) throw invalidInput(faults);
  return { phases: known.filter((phase) => names.includes(phase)) };
}

/** RFC 3339, with the fraction and the offset it may have. */
const moment = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** A point in time that a request names. @throws FlyteError `invalid_input` for what is none */
export function givenTime<Name extends string>(
  call: Call,
  name: Name,
): { readonly [Key in Name]?: Date } {
  const text = givenText(call, name);
  if (text === undefined) return {};
  const time = moment.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) {
    const message = "must be a point in time such as 2026-05-01T08:00:00Z (RFC 3339)";
    throw invalidInput([{ path: ["query", name], message }]);
  }
  return { [name]: time } as { readonly [Key in Name]?: Date }; // Made of the one name.
}
