import type { AppRef } from "../client/app-calls.ts";
import type { AuthMetadata } from "../client/auth-metadata.ts";
import type { CallOptions, ControlPlane, RunRef, Scope } from "../client/control-plane.ts";
import type { JsonValue } from "../shared/json.ts";
import type { Slot } from "./admission/slot.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RequestRecord } from "./record/request-record.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/** One request to an endpoint, after everything about its form was found right. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly options: ResolvedOptions;
  readonly controlPlane: ControlPlane;
  /** Path parameters, decoded and safe to compare. */
  readonly path: Readonly<Record<string, string>>;
  /** The endpoint's parameters by name, from the query or the body, with their defaults. */
  readonly parameters: Readonly<Record<string, JsonValue | undefined>>;
  /** The body, where it is the inputs of a task. */
  readonly body: JsonValue | undefined;
  /** The caller's credential; null where none is needed. */
  readonly auth: AuthMetadata | null;
  /** Ties the request to its answer and to the log. */
  readonly requestId: string;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceId: string | undefined;
  /** A header of the request; the first value where it came several times. */
  header(name: string): string | undefined;
  /** What becomes known of the request, for those who watch. */
  readonly record: RequestRecord;
  /** Aborted when the caller goes away before the answer. */
  readonly signal: AbortSignal;
  /** Held while the route works; who waits for long gives it back. */
  readonly slot: Slot;
}

/** A path parameter of the endpoint's template. */
export function pathValue(call: Call, name: string): string {
  return call.path[name] ?? "";
}

/** A text parameter; undefined when it was not given and has no default. */
export function givenText(call: Call, name: string): string | undefined {
  const value = call.parameters[name];
  return typeof value === "string" ? value : undefined;
}

/** A switch; false when it was not given. */
export function givenFlag(call: Call, name: string): boolean {
  return call.parameters[name] === true;
}

/** A list of texts; undefined when it was not given, or given as null. */
export function givenTexts(call: Call, name: string): readonly string[] | undefined {
  const value = call.parameters[name];
  if (!Array.isArray(value)) return undefined;
  return value.filter((item): item is string => typeof item === "string");
}

/** Options for reading: given up when the caller goes away. What needs no request needs no signal. */
export function reading(call: Call): CallOptions {
  return {
    ...acting(call),
    get signal() {
      return call.signal;
    },
  };
}

/** Options for changing something: carried through even when the caller goes away. */
export function acting(call: Call): CallOptions {
  return call.auth === null ? {} : { auth: call.auth };
}

/** The project and domain the request names, as far as it names them. */
export function givenScope(call: Call): Partial<Scope> {
  const project = givenText(call, "project");
  const domain = givenText(call, "domain");
  return {
    ...(project !== undefined && { project }),
    ...(domain !== undefined && { domain }),
  };
}

/** The project and domain a request is about; empty where neither it nor the control plane has one. */
export function resolvedScope(call: Call): Scope {
  const { project = "", domain = "" } = call.controlPlane;
  return { project, domain, ...givenScope(call) };
}

/** The run a path and query name. */
export function runRef(call: Call): RunRef {
  return { name: call.path["name"] ?? call.path["run_name"] ?? "", ...givenScope(call) };
}

/** The app a path and query name. */
export function appRef(call: Call): AppRef {
  return { name: pathValue(call, "name"), ...givenScope(call) };
}
