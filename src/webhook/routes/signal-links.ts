import type { RunStatus } from "../../client/control-plane.ts";
import { type JsonValue, stringifyJson } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, pathValue, reading, runRef } from "../call.ts";
import type { Problem } from "../problem.ts";
import { deny } from "../record/decide.ts";
import { linkUrl } from "../signal-links/add-link-pages.ts";
import { createLinkId, writeToken } from "../signal-links/link-token.ts";
import { onFoundRun } from "./runs.ts";

const maxSeconds = 30 * 24 * 3600;
const maxValueLength = 1000;

/**
 * Makes a link by which a person without a credential signals a condition once. Links act with the
 * webhook's own credential, so only who has started the run may have one made: that took the right to run.
 */
export function createSignalLink(call: Call): Promise<Answer> {
  return onFoundRun(call, async (run) => {
    const links = call.options.signalLinks;
    if (links === undefined) throw new Error("the endpoint is served without links");
    const problem = await guardOwner(call, run);
    if (problem !== undefined) return { problem };
    const ref = { ...runRef(call), condition: pathValue(call, "condition") };
    const condition = await call.controlPlane.conditions.get(ref, acting(call));
    if (!condition.open) {
      const detail = `Condition ${JSON.stringify(condition.name)} waits no more: it is ${condition.phase}.`;
      return { problem: { code: "conflict", detail } };
    }
    const { value } = call.parameters;
    const seconds = Number(call.parameters["expires_in"]);
    const faults = [...secondsFaults(seconds), ...valueFaults(value, condition.type)];
    if (faults.length > 0) {
      const detail = faults.map(({ path, message }) => `${path.at(-1)} ${message}`).join("; ");
      return { problem: { code: "invalid_input", detail, faults } };
    }
    const end = Date.now() + seconds * 1000;
    const expiresAt = Math.min(end, condition.deadline?.getTime() ?? end);
    const { project, domain, action } = condition;
    const id = createLinkId();
    const token = writeToken(links.key, {
      ...{ project, domain, run: run.name, action, expiresAt, id, value },
    });
    return {
      body: {
        name: run.name,
        condition: condition.name,
        action,
        url: linkUrl(links, token),
        expires_at: new Date(expiresAt).toISOString(),
      },
    };
  });
}

/** Why a caller who has not started a run is refused. */
export async function guardOwner(call: Call, run: RunStatus): Promise<Problem | undefined> {
  const { subject } = await call.controlPlane.users.me(reading(call));
  if (run.owner !== undefined && run.owner === subject) return undefined;
  deny(call.record, "runOwner");
  const detail = `Only who has started run ${run.name} can have links made for its conditions.`;
  return { code: "permission_denied", detail };
}

function secondsFaults(seconds: number) {
  if (seconds >= 1 && seconds <= maxSeconds) return [];
  return [{ path: ["expires_in"], message: `must be from 1 to ${maxSeconds} seconds` }];
}

/** Told now rather than to the person who opens the link. */
function valueFaults(value: JsonValue | undefined, type: string | undefined) {
  const fault = (message: string) => [{ path: ["value"], message }];
  if (value === undefined) return [];
  if (stringifyJson(value).length > maxValueLength) {
    return fault(`must not be longer than ${maxValueLength} characters`);
  }
  const fits =
    (type === "boolean" && typeof value === "boolean") ||
    (type === "string" && typeof value === "string") ||
    (type === "float" && (typeof value === "number" || typeof value === "bigint")) ||
    (type === "integer" && (Number.isSafeInteger(value) || typeof value === "bigint"));
  return fits || type === undefined ? [] : fault(`must be of the condition's type: ${type}`);
}
