import { pick, type Random } from "./random.ts";

/** What happens to a call on its way through a network that fails. */
export type FaultKind =
  | "pass"
  | "delayed"
  /** The server never gets it. */
  | "reset before"
  /** The server has answered, and nothing of the answer arrives. */
  | "reset after"
  /** Half of the answer arrives. */
  | "reset in the middle"
  /** A byte is missing, and the length says so. */
  | "shortened"
  /** Something on the way answers by itself. */
  | "status"
  /** What arrives is not HTTP. */
  | "no http"
  /** What arrives is no message. */
  | "no message"
  /** The answer arrives twice in one piece. */
  | "answered twice"
  /** The server gets it twice, and the first answer counts. */
  | "asked twice"
  /** The server never gets it, and nobody says so. */
  | "hangs before"
  /** The server has answered, and nobody says so. */
  | "hangs after"
  /** The answer arrives a byte at a time. */
  | "drips"
  /** The connection is closed when the next call comes on it. */
  | "closed when idle"
  | "wrong type"
  | "compressed"
  /** It says that it is very long. */
  | "too long"
  /** Nobody says how long it is, and it does not end. */
  | "endless"
  /** Interim answers (RFC 9110, 15.2) come before the answer. */
  | "interim noise";

export interface Fault {
  readonly kind: FaultKind;
  /** Of `status`. */
  readonly status?: number;
  readonly form?: "text" | "html" | "json" | "nothing";
  readonly retryAfter?: string;
  /** Of `delayed`. */
  readonly ms?: number;
}

export const pass: Fault = { kind: "pass" };

/** Faults after which the call gets its answer. */
export const harmless: readonly FaultKind[] = [
  "pass",
  "delayed",
  "answered twice",
  "asked twice",
  "drips",
  "interim noise",
];

const forms = ["text", "html", "json", "nothing"] as const;

/** Every fault there is. */
export const allFaults: readonly Fault[] = [
  ...harmless.map((kind) => ({ kind, ...(kind === "delayed" && { ms: 5 }) })),
  { kind: "closed when idle" },
  { kind: "reset before" },
  { kind: "reset after" },
  { kind: "reset in the middle" },
  { kind: "shortened" },
  { kind: "no http" },
  { kind: "no message" },
  { kind: "wrong type" },
  { kind: "compressed" },
  { kind: "too long" },
  { kind: "endless" },
  { kind: "hangs before" },
  { kind: "hangs after" },
  ...[500, 502, 503, 504, 429].map((status, index) => ({
    kind: "status" as const,
    status,
    form: forms[index % forms.length] ?? "text",
    ...(status === 503 && { retryAfter: "7" }),
  })),
];

export interface ChaosOptions {
  /** Share of calls that something happens to. */
  readonly share: number;
  /** What never happens. @default nothing */
  readonly without?: readonly FaultKind[];
}

/** Draws what happens to a call. */
export function drawFault(random: Random, { share, without = [] }: ChaosOptions): Fault {
  if (random() >= share) return pass;
  const fault = pick(
    random,
    allFaults.filter(({ kind }) => !without.includes(kind)),
  );
  if (fault.kind === "delayed") return { ...fault, ms: Math.floor(random() * 40) };
  if (fault.kind !== "status") return fault;
  const retryAfter = pick(random, [undefined, "1", "0", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"]);
  const { status = 500 } = fault;
  const form = pick(random, forms);
  return { kind: "status", status, form, ...(retryAfter !== undefined && { retryAfter }) };
}

/** A fault in words. */
export function printFault({ kind, status, form }: Fault): string {
  return status === undefined ? kind : `${kind} ${status} as ${form}`;
}
