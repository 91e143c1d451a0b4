import type { RunStatus } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { stringifyJson } from "../../shared/json.ts";
import { packageVersion } from "../../shared/package-files.ts";
import { signMessage } from "../hooks/providers/webhook-signature.ts";
import type { SharedOutputs } from "../waits/shared-outputs.ts";
import type { ResolvedCallbacks } from "./callback-options.ts";
import type { NoticeFormat } from "./notice-format.ts";
import type { RunEnds } from "./run-ends.ts";
import { runEvent, type ToldOutputs, unknownRunEvent } from "./run-event.ts";

/** What a run gave is left out where it is longer, in characters of JSON. */
const mostOfOutputs = 256 * 1024;

/** Runs are not followed for longer. */
const usefulMs = 30 * 86_400_000;

/** Callbacks by Standard Webhooks, signed with every key. */
export function callbackFormat(
  { keys, outputs: tellsOutputs, retryDelaysMs, targetFault }: ResolvedCallbacks,
  ends: RunEnds,
  outputs: Pick<SharedOutputs, "read">,
): NoticeFormat {
  const always = {
    "content-type": "application/json",
    "user-agent": `flyte-webhook/${packageVersion()}`,
  };
  return {
    ...{ ends, usefulMs, delaysMs: retryDelaysMs },
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#considerations
    isFinal: (status) => status === 410,
    mayTell: (url) => targetFault(url) === undefined,
    async toMessage({ id, run: place, since }, run) {
      const event =
        run === undefined
          ? unknownRunEvent(place, since)
          : runEvent(run, tellsOutputs ? await readOutputs(run, outputs) : undefined);
      const body = Buffer.from(stringifyJson(event));
      return {
        body,
        headersAt: (sentAt) => ({
          ...always,
          "webhook-id": id,
          ...signatures(id, { body, sentAt }, keys),
        }),
      };
    },
  };
}

function signatures(
  id: string,
  message: { readonly body: Uint8Array; readonly sentAt: Date },
  keys: ResolvedCallbacks["keys"],
): Readonly<Record<string, string>> {
  const all = keys.map((key) => signMessage(id, message, { shared: [key], public: [] }));
  return {
    ...all[0],
    "webhook-signature": all.map((each) => each["webhook-signature"]).join(" "),
  };
}

async function readOutputs(
  run: RunStatus,
  outputs: Pick<SharedOutputs, "read">,
): Promise<ToldOutputs | undefined> {
  if (run.phase !== "succeeded" && run.phase !== "recovered") return undefined;
  try {
    const read = await outputs.read({ run, auth: null });
    if (stringifyJson(read).length <= mostOfOutputs) return { outputs: read };
    return without("They are too long for a callback; read them where the run is.");
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    return without("They cannot be read now.");
  }
}

function without(message: string): ToldOutputs {
  return { outputs: null, outputs_error: message };
}
