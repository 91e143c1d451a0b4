import { type ListRequest, Sort_Direction } from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AppOrder, AppPlace } from "../store/app-lists.ts";

const columns: readonly AppOrder["column"][] = ["name", "created_at"];

/**
 * The order of a list of apps: by name, if the request names none.
 *
 * @throws FlyteError `invalid_input` for an unknown field or several
 */
export function readOrder(
  request: Pick<ListRequest, "sortBy" | "sortByFields"> | undefined,
): AppOrder {
  const [first = request?.sortBy, ...others] = request?.sortByFields ?? [];
  if (others.length > 0) throw invalid("apps are sorted by one field");
  if (first === undefined || first.key === "") return { column: "name", isDescending: false };
  const column = columns.find((known) => known === first.key);
  if (column === undefined) {
    const given = JSON.stringify(first.key.slice(0, 80));
    throw invalid(`invalid sort field: ${given}; use one of ${columns.join(", ")}`);
  }
  return { column, isDescending: first.direction !== Sort_Direction.ASCENDING };
}

/** A place as the token of a page. */
export function printPlace({ value, id }: AppPlace, { column }: AppOrder): string {
  return Buffer.from(JSON.stringify([column, value, id])).toString("base64url");
}

/**
 * The place that {@link printPlace} printed; undefined, the beginning, for an empty token.
 *
 * @throws FlyteError `invalid_input` for a token of something else, or of another order
 */
export function readPlace(token: string, { column }: AppOrder): AppPlace | undefined {
  if (token === "") return undefined;
  const parts = parseArray(Buffer.from(token, "base64url").toString());
  const [of, value, id] = parts;
  const type = column === "name" ? "string" : "number";
  const isPlace = parts.length === 3 && typeof value === type && Number.isSafeInteger(id);
  if (!isPlace || of !== column) {
    throw invalid("token is not one of an earlier answer in the same order");
  }
  // Both types were just looked at.
  return { value: value as AppPlace["value"], id: id as number };
}

function parseArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
