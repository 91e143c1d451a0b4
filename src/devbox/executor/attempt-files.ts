import { existsSync, mkdirSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import type { Literal } from "../../idl/literals.ts";
import { InputsSchema } from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { AttemptRequest } from "./executor.ts";

/** Where one attempt's files are. */
export interface AttemptFiles {
  /** `<run base>/<action>/<attempt>`, as the task gets it. */
  readonly outputPrefix: string;
  readonly previousOutputPrefix: string | undefined;
  readonly outputsUri: string;
  /** Contents of `error.pb`; undefined when the task left none. */
  readErrorDocument(): Promise<Uint8Array | undefined>;
}

/**
 * Makes the attempt's output folder and clears what an interrupted run of the same attempt left.
 *
 * @throws FlyteError `unimplemented` when the run's files are not on the local disk.
 */
export async function prepareFiles({
  runBase,
  action,
  attempt,
}: AttemptRequest): Promise<AttemptFiles> {
  const base = runBase.replace(/\/+$/, "");
  const prefix = (number: number) => `${base}/${encodeURIComponent(action)}/${number}`;
  const outputPrefix = prefix(attempt);
  const dir = toPath(outputPrefix);
  const errorPath = join(dir, "error.pb");
  // At once: handing such a small thing to another thread and back costs more than it takes.
  const created = mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (created === undefined) {
    await rm(errorPath, { force: true });
    await rm(join(dir, "outputs.pb"), { force: true });
  }
  return {
    outputPrefix,
    previousOutputPrefix: attempt > 1 ? prefix(attempt - 1) : undefined,
    outputsUri: `${outputPrefix}/outputs.pb`,
    // Most attempts leave none.
    readErrorDocument: async () => (existsSync(errorPath) ? readIfExists(errorPath) : undefined),
  };
}

/** The primitive inputs of an attempt, printed for use in its command. */
export async function readPrimitiveInputs(inputsUri: string): Promise<Map<string, string>> {
  const bytes = await readIfExists(toPath(inputsUri));
  const printed = new Map<string, string>();
  if (bytes === undefined) return printed;
  for (const { name, value } of fromBinary(InputsSchema, bytes).literals) {
    const text = printPrimitive(value);
    if (text !== undefined) printed.set(name, text);
  }
  return printed;
}

function printPrimitive(literal: Literal | undefined): string | undefined {
  if (literal?.value.case !== "scalar") return undefined;
  const scalar = literal.value.value.value;
  if (scalar.case !== "primitive") return undefined;
  const { case: kind, value } = scalar.value.value;
  if (kind === undefined) return undefined;
  if (kind === "datetime") {
    return new Date(Number(value.seconds) * 1000 + value.nanos / 1e6).toISOString();
  }
  if (kind === "duration") return `${Number(value.seconds) + value.nanos / 1e9}s`;
  return String(value);
}

function toPath(uri: string): string {
  if (uri.startsWith("file://")) return fileURLToPath(uri);
  throw new FlyteError(
    "unimplemented",
    `The executor reads and writes file:// URIs only, and was given ${JSON.stringify(uri)}.`,
  );
}

async function readIfExists(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
