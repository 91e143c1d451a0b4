import type { RunOptions } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Problem } from "../problem.ts";
import { problemKinds } from "../problem-codes.ts";
import type { Start, StartContext } from "../starting/start.ts";
import { badKey, type StartKey } from "./idempotency-key.ts";
import { type KeyOwner, ownerOf, toFingerprint, toRunName } from "./run-key.ts";

/** The options of a run with its name, where it has one, and what its payload is known by. */
export type NamedRun = { readonly options: RunOptions } | { readonly problem: Problem };

/**
 * Gives a run the name that its key stands for, at once where it has no key, so that the control plane itself keeps it from being started twice.
 *
 * @throws FlyteError `unauthenticated` or `permission_denied`, where the control plane does not say whose the key is
 */
export function nameRun(
  context: StartContext,
  start: Start<unknown>,
  key: StartKey | undefined,
): NamedRun | Promise<NamedRun> {
  const { options } = start;
  if (key === undefined && options.name === undefined) return { options };
  const { endpoint = "" } = context.record;
  const { target, payload } = start;
  const fingerprint = toFingerprint({ endpoint, target, payload });
  return key === undefined
    ? { options: { ...options, fingerprint } }
    : nameByKey(context, start, key, fingerprint);
}

async function nameByKey(
  context: StartContext,
  { options, target }: Start<unknown>,
  key: StartKey,
  fingerprint: string,
): Promise<NamedRun> {
  if (options.name !== undefined) {
    const message = "names a run, and so does run_name; send one of them";
    return { problem: badKey(message) };
  }
  const owner = await findOwner(context, key);
  if ("problem" in owner) return owner;
  const { project = context.controlPlane.project ?? "" } = options;
  const { domain = context.controlPlane.domain ?? "" } = options;
  const webhook = context.options.name;
  const name = toRunName({ webhook, owner, target, project, domain, key: key.key });
  return { options: { ...options, name, fingerprint } };
}

async function findOwner(
  { options, auth }: StartContext,
  { scope }: StartKey,
): Promise<KeyOwner | { readonly problem: Problem }> {
  if (scope !== "caller") return { kind: "hook", name: scope.slice("hook:".length) };
  try {
    return ownerOf(await options.subjects.subjectOf(auth), auth);
  } catch (error) {
    const known = FlyteError.is(error);
    if (known && (error.code === "unauthenticated" || error.code === "permission_denied")) {
      throw error;
    }
    // Under another owner the key would stand for another run.
    options.logger?.warn({ err: error }, "the owner of an idempotency key is not known");
    const detail =
      "The control plane does not tell now whose the Idempotency-Key is. Nothing was started; repeat with the same key.";
    const seconds = problemKinds.unavailable.retryAfterSeconds ?? 1;
    return {
      problem: {
        code: "unavailable",
        detail,
        headers: { "retry-after": String(seconds) },
        upstream: { status: 503, detail },
      },
    };
  }
}
