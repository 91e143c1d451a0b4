import { FlyteError } from "../../shared/errors.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, reading } from "../call.ts";

/** Tells that the webhook is up. Asks nobody. */
export async function health(): Promise<Answer> {
  return { body: { status: "healthy" } };
}

/** Tells who the control plane takes the caller for. */
export async function me(call: Call): Promise<Answer> {
  try {
    const { subject, name } = await call.controlPlane.users.me(reading(call));
    return { body: { subject, name } };
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "unauthenticated") throw error;
    return {
      problem: { code: "unauthenticated", detail: "Invalid credentials or unauthorized" },
    };
  }
}
