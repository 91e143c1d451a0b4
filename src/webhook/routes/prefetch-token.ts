import type { TaskDetails, TaskOverrides } from "../../client/control-plane.ts";
import type { SecretScope } from "../../client/secret-calls.ts";
import { FlyteError, invalidInput } from "../../shared/errors.ts";
import { type Call, givenText, reading, resolvedScope } from "../call.ts";
import { defaultTokenKey } from "../prefetch-allowlist.ts";

/**
 * The secret with the token of the hub, as the environment variable that clients of hubs read. None
 * where the request wants none, where the task brings it itself, and where there is no secret of the default
 * name: many models need no token.
 *
 * @throws FlyteError `invalid_input` when the request names another secret that is not there
 */
export async function findTokenSecret(
  call: Call,
  task: TaskDetails,
): Promise<NonNullable<TaskOverrides["secrets"]>> {
  const key = givenText(call, "hf_token_key") ?? "";
  if (key === "" || task.secrets.includes(key)) return [];
  const secret = [{ key, envVar: "HF_TOKEN" }];
  const { project, domain } = resolvedScope(call);
  const places: readonly SecretScope[] = [
    { project, domain },
    { global: true, domain },
    { global: true },
  ];
  const found = await Promise.all(places.map((place) => hasSecret(call, key, place)));
  if (found.includes(true)) return secret;
  if (key === defaultTokenKey) return [];
  // Where nobody may look, the run will tell.
  if (found.includes(undefined)) return secret;
  const message = `is not the key of a secret for ${project}/${domain}; create it with: flyte-webhook create secret ${key} --project ${project} --domain ${domain}`;
  throw invalidInput([{ path: ["hf_token_key"], message }]);
}

/** Undefined where the caller, or this control plane, cannot tell. */
async function hasSecret(
  call: Call,
  name: string,
  place: SecretScope,
): Promise<boolean | undefined> {
  try {
    await call.controlPlane.secrets.get({ name, ...place }, reading(call));
    return true;
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    if (error.code === "not_found") return false;
    if (error.code === "permission_denied" || error.code === "unimplemented") return undefined;
    throw error;
  }
}
