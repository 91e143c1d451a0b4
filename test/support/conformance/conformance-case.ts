import type { Code } from "@connectrpc/connect";
import type { EndpointName } from "../../../src/webhook/endpoint.ts";
import type { ProblemCode } from "../../../src/webhook/problem-codes.ts";

/** How a request has to end in the default mode when it fails. */
export interface ExpectedProblem {
  readonly status: number;
  readonly code: ProblemCode;
  /** @default that of the original */
  readonly detail?: string;
  /** Where the faults are, in order. */
  readonly faults?: readonly string[];
}

/** A body, exact to the last byte; `URL` is the control plane's address, `CREDENTIAL` the caller's. */
export interface ExpectedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A text that an app answered, passed on as it is. */
export interface ExpectedText {
  readonly status: number;
  readonly text: string;
}

/** A failed read of the original is `{"detail": …}`. */
export interface ExpectedDetail {
  readonly status: number;
  readonly detail: unknown;
}

/** One request and everything that has to follow from it, in both modes. */
export interface ConformanceCase {
  readonly endpoint: EndpointName;
  /** What is special about it. */
  readonly when: string;
  /** The request line without its version. */
  readonly request: string;
  readonly body?: unknown;
  /** Asks the webhook whose allowlists hold nothing but `allowed.main`, `my-app` and `nightly`. */
  readonly fenced?: true;
  /** Methods of the control plane that fail. */
  readonly failing?: Readonly<Record<string, readonly [Code, message: string]>>;
  /** The methods that are called, in order, `selectCluster` aside. */
  readonly calls: readonly string[];
  /** What is answered in the default mode: the problem, or the body when it differs. */
  readonly ours?: ExpectedProblem | ExpectedAnswer | ExpectedText;
  /** What the original answers; the default mode answers the same when `ours` is left out. */
  readonly upstream: ExpectedAnswer | ExpectedDetail;
}
