import { FlyteError } from "../../shared/errors.ts";
import type { ProjectRow } from "../store/projects.ts";

/** `ProjectState` number of a project that is hidden unless filters are given. */
const archived = 1;

const readers: Readonly<Record<string, (row: ProjectRow) => string>> = {
  identifier: ({ id }) => id,
  name: ({ name }) => name,
  description: ({ description }) => description,
  state: ({ state }) => String(state),
};

const tests: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  ne: (value, wanted) => value !== wanted,
  contains: (value, wanted) => value.includes(wanted),
};

/**
 * The test that ListProjects' `filters` text stands for, such as
 * `eq(state,0)+contains(name,snack)`; the parts are joined by AND. Without filters it hides
 * archived projects.
 *
 * @throws FlyteError `invalid_input` for an unknown function or field
 */
export function parseProjectFilters(filters: string): (row: ProjectRow) => boolean {
  if (filters === "") return ({ state }) => state !== archived;
  const parts = filters.split("+").map((part) => {
    const [, name = "", field = "", wanted = ""] = /^(\w+)\((\w+),(.*)\)$/s.exec(part.trim()) ?? [];
    const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
    const read = Object.hasOwn(readers, field) ? readers[field] : undefined;
    if (test === undefined || read === undefined) {
      throw new FlyteError(
        "invalid_input",
        `${JSON.stringify(part.slice(0, 80))} is not a filter; write eq, ne or contains of identifier, name, description or state, for example contains(name,snack)`,
      );
    }
    return (row: ProjectRow) => test(read(row), wanted.trim());
  });
  return (row) => parts.every((matches) => matches(row));
}
