import type { FastifyReply, FastifyRequest } from "fastify";
import { type CredentialRefusal, credentialsRequired } from "../app/passthrough/refusal.ts";
import { sendProblem } from "./problem.ts";

/** Answers a request whose credential is missing (401) or cannot be trusted (400). */
export function refuseCredentials(
  _request: FastifyRequest,
  reply: FastifyReply,
  refusal: CredentialRefusal,
): FastifyReply {
  return sendProblem(
    reply,
    refusal.kind === "absent"
      ? { code: "unauthenticated", detail: credentialsRequired }
      : { code: "invalid_input", detail: refusal.reason },
  );
}
