import type { Secret } from "../../idl/security.ts";
import { FlyteError } from "../../shared/errors.ts";
import type {
  AttemptHooks,
  AttemptRequest,
  AttemptResult,
  Executor,
} from "../executor/executor.ts";
import { maskValues } from "../secrets/mask-values.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";

/** What an attempt with secrets is run by. */
export interface RunWithSecretsOptions {
  readonly executor: Executor;
  readonly secrets: SecretMounter;
  /** Folder for those that are files. */
  readonly secretsDir: string;
  readonly log: DevboxLogger;
}

/**
 * Runs an attempt with the secrets its task asks for, which win over variables of the same name. They
 * are gone when it ends, and are not in the error it ends with. One that cannot be given is a failure
 * that no further attempt mends.
 */
export async function runWithSecrets(
  request: AttemptRequest,
  wanted: readonly Secret[],
  hooks: AttemptHooks,
  { executor, secrets, secretsDir, log }: RunWithSecretsOptions,
): Promise<AttemptResult> {
  if (wanted.length === 0) return executor.run(request, hooks);
  const mounted = await secrets.mount(wanted, request, secretsDir).catch(toFailure);
  if ("kind" in mounted) return mounted;
  try {
    const env = { ...request.env, ...mounted.env };
    return withoutValues(await executor.run({ ...request, env }, hooks), mounted.values);
  } finally {
    await mounted.unmount().catch((error: unknown) => {
      log.error({ err: error }, "files of secrets could not be removed");
    });
  }
}

const errorCodes: Readonly<Record<string, string>> = {
  not_found: "MissingSecret",
  invalid_input: "UnusableSecret",
  precondition_failed: "UnreadableSecret",
};

function toFailure(error: unknown): AttemptResult {
  const code = FlyteError.is(error) ? errorCodes[error.code] : undefined;
  if (!FlyteError.is(error) || code === undefined) throw error;
  const { message } = error;
  return { kind: "failed", retryable: false, error: { code, message, kind: "user" } };
}

function withoutValues(result: AttemptResult, values: readonly string[]): AttemptResult {
  if (result.kind !== "failed" && result.kind !== "timed_out") return result;
  const { error } = result;
  return { ...result, error: { ...error, message: maskValues(error.message, values) } };
}
