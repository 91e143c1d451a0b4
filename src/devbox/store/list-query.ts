import {
  type Filter,
  Filter_Function,
  type ListRequest,
  type Sort,
  Sort_Direction,
} from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { SqlValue } from "./database.ts";

/** A key that a list may be filtered and sorted by. */
export interface ListColumn {
  /** SQL expression of the column; never made of a caller's text. */
  readonly sql: string;
  /** Times are RFC 3339 in requests and milliseconds in columns. */
  readonly type: "text" | "integer" | "time";
}

/** A list request and what the list allows. */
export interface ListQueryOptions {
  /** The caller's request; undefined is an empty one. */
  readonly request: ListRequest | undefined;
  /** What may be filtered and sorted, by the name in requests. */
  readonly columns: Readonly<Record<string, ListColumn>>;
  /** `ORDER BY` terms without a sort in the request, for example `created_at DESC, id DESC`. */
  readonly defaultOrder: string;
  /** `ORDER BY` terms that make any order total, for example `name ASC`. */
  readonly tieBreak: string;
}

/** The parts of a list's SQL, with `?` placeholders in `where` alone. */
export interface ListQuery {
  /** A condition, `1` when all rows match. Put it in parentheses before joining it to others. */
  readonly where: string;
  readonly parameters: readonly SqlValue[];
  /** Terms for `ORDER BY`. */
  readonly orderBy: string;
  /** Rows of one page. Ask for one more, then hand all to {@link ListQuery.page}. */
  readonly limit: number;
  readonly offset: number;
  /** Cuts `limit + 1` fetched rows to the page; the token is empty on the last one. */
  page<Row>(rows: readonly Row[]): { readonly rows: readonly Row[]; readonly token: string };
}

const defaultLimit = 50;
const maxLimit = 200;
const maxFilters = 50;
const maxValues = 1000;

/**
 * Turns a `flyteidl2.common.ListRequest` into SQL: filters joined by AND, sorts in order with a
 * tie break, a page of 50 rows unless the request says otherwise (200 at most), and a token that
 * is the offset in decimal.
 *
 * @throws FlyteError `invalid_input` with the faulty filter, sort, limit or token
 */
export function buildListQuery(options: ListQueryOptions): ListQuery {
  const { request, columns } = options;
  if (request !== undefined && request.rawFilters.length > 0) {
    throw invalid("raw_filters are not supported; use filters");
  }
  const parameters: SqlValue[] = [];
  const filters = request?.filters ?? [];
  if (filters.length > maxFilters) throw invalid(`at most ${maxFilters} filters can be given`);
  const conditions = filters.map((filter) => toCondition(filter, columns, parameters));
  const limit = toLimit(request?.limit ?? 0);
  const offset = toOffset(request?.token ?? "");
  return {
    where: conditions.length === 0 ? "1" : conditions.join(" AND "),
    parameters,
    orderBy: toOrder(request, options),
    limit,
    offset,
    page: (rows) => ({
      rows: rows.slice(0, limit),
      token: rows.length > limit ? String(offset + limit) : "",
    }),
  };
}

function toLimit(limit: number): number {
  if (limit === 0) return defaultLimit;
  if (limit > maxLimit) throw invalid(`limit ${limit} is too large; ask for at most ${maxLimit}`);
  return limit;
}

function toOffset(token: string): number {
  if (token === "") return 0;
  if (!/^\d{1,15}$/.test(token)) {
    throw invalid(`${quote(token)} is not a token of an earlier answer`);
  }
  return Number(token);
}

function toOrder(request: ListRequest | undefined, options: ListQueryOptions): string {
  const sorts: readonly Sort[] =
    request === undefined || request.sortByFields.length > 0
      ? (request?.sortByFields ?? [])
      : request.sortBy === undefined || request.sortBy.key === ""
        ? []
        : [request.sortBy];
  if (sorts.length === 0) return options.defaultOrder;
  if (sorts.length > Object.keys(options.columns).length) throw invalid("too many sort fields");
  const terms = sorts.map(({ key, direction }) => {
    const column = findColumn(options.columns, key, "sort");
    return `${column.sql} ${direction === Sort_Direction.ASCENDING ? "ASC" : "DESC"}`;
  });
  return [...terms, options.tieBreak].join(", ");
}

const comparisons: ReadonlyMap<Filter_Function, string> = new Map([
  [Filter_Function.EQUAL, "="],
  [Filter_Function.NOT_EQUAL, "IS NOT"],
  [Filter_Function.GREATER_THAN, ">"],
  [Filter_Function.GREATER_THAN_OR_EQUAL, ">="],
  [Filter_Function.LESS_THAN, "<"],
  [Filter_Function.LESS_THAN_OR_EQUAL, "<="],
]);

type TextTest = (column: string, value: string) => string;

const textTests: ReadonlyMap<Filter_Function, TextTest> = new Map<Filter_Function, TextTest>([
  [Filter_Function.CONTAINS, (column) => `instr(${column}, ?) > 0`],
  [Filter_Function.CONTAINS_CASE_INSENSITIVE, (column) => `instr(lower(${column}), lower(?)) > 0`],
  [Filter_Function.ENDS_WITH, endsWith],
  [Filter_Function.NOT_ENDS_WITH, (column, value) => `NOT (${endsWith(column, value)})`],
]);

/** LIKE would ignore case and read wildcards. SQLite counts characters as code points. */
function endsWith(column: string, value: string): string {
  return `substr(${column}, length(${column}) - ${[...value].length} + 1) = ?`;
}

function toCondition(
  filter: Filter,
  columns: Readonly<Record<string, ListColumn>>,
  parameters: SqlValue[],
): string {
  const column = findColumn(columns, filter.field, "filter");
  const { values, field } = filter;
  if (values.length === 0) throw invalid(`the filter on ${field} has no value`);
  if (values.length > maxValues) throw invalid(`the filter on ${field} has too many values`);
  const bind = (): void => {
    for (const value of values) parameters.push(toParameter(value, column, field));
  };
  if (filter.function === Filter_Function.VALUE_IN) {
    bind();
    return `${column.sql} IN (${values.map(() => "?").join(", ")})`;
  }
  if (values.length > 1) throw invalid(`the filter on ${field} takes one value; use VALUE_IN`);
  const comparison = comparisons.get(filter.function);
  if (comparison !== undefined) {
    bind();
    return `${column.sql} ${comparison} ?`;
  }
  const textTest = textTests.get(filter.function);
  const name = Filter_Function[filter.function] ?? String(filter.function);
  if (textTest === undefined) throw invalid(`filter function ${name} is not supported`);
  if (column.type !== "text") throw invalid(`filter function ${name} does not apply to ${field}`);
  bind();
  return textTest(column.sql, values[0] ?? "");
}

function toParameter(value: string, column: ListColumn, field: string): SqlValue {
  if (column.type === "text") {
    if (value.includes("\0")) throw invalid(`the filter on ${field} has a NUL character`);
    return value;
  }
  if (/^-?\d{1,15}$/.test(value)) return Number(value);
  if (column.type === "integer") {
    throw invalid(`the filter on ${field} needs a whole number, not ${quote(value)}`);
  }
  const time = rfc3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) {
    throw invalid(`the filter on ${field} needs an RFC 3339 time, not ${quote(value)}`);
  }
  return time;
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

function findColumn(
  columns: Readonly<Record<string, ListColumn>>,
  name: string,
  use: "filter" | "sort",
): ListColumn {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column !== undefined) return column;
  throw invalid(
    `invalid ${use} field: ${quote(name)}; use one of ${Object.keys(columns).join(", ")}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
