import { isJsonArray, isJsonObject, type JsonValue, ownValue } from "../../../src/shared/json.ts";

/** A problem document (RFC 9457) that a webhook answered with. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** What programs go by, such as `not_allowlisted`; "" where the answer is no problem document. */
  readonly code: string;
  readonly title: string;
  readonly status: number;

  constructor(status: number, title: string, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
    this.code = code;
  }
}

/** Whether an error is the problem with that code. */
export function isProblem(error: unknown, code: string): error is ProblemError {
  return error instanceof ProblemError && error.code === code;
}

/**
 * The problem that an answer tells, as far as it is one.
 *
 * @param body - undefined where it is no JSON
 */
export function toProblemError(status: number, body: JsonValue | undefined): ProblemError {
  const text = (name: string): string => {
    const value = isJsonObject(body) ? ownValue(body, name) : undefined;
    return typeof value === "string" ? value : "";
  };
  const parts = [text("detail"), ...faultsOf(body), text("hint")].filter((part) => part !== "");
  return new ProblemError(
    status,
    text("title") || "The webhook did not answer as expected",
    text("code"),
    parts.join("\n") || `It answered with the status ${status}.`,
  );
}

function faultsOf(body: JsonValue | undefined): readonly string[] {
  const faults = isJsonObject(body) ? ownValue(body, "errors") : undefined;
  if (!isJsonArray(faults)) return [];
  return faults.filter(isJsonObject).map((fault) => {
    const { path, message } = fault;
    return `${typeof path === "string" ? path : ""} ${typeof message === "string" ? message : ""}`.trim();
  });
}
