import type { FastifyReply, FastifyRequest } from "fastify";
import { type CredentialRefusal, credentialsRequired } from "../app/passthrough/refusal.ts";
import { sendProblem } from "./problem.ts";
import { deny } from "./record/decide.ts";

const howToSend =
  "Send the header 'Authorization: Bearer …' with an API key or a token, or a cookie of the control plane.";

/** Answers a request whose credential is missing (401) or cannot be trusted (400). */
export function refuseCredentials(
  { record }: FastifyRequest,
  reply: FastifyReply,
  refusal: CredentialRefusal,
): FastifyReply {
  deny(record, "credential");
  return sendProblem(
    reply,
    refusal.kind === "absent"
      ? { code: "unauthenticated", detail: credentialsRequired, hint: howToSend }
      : { code: "invalid_input", detail: refusal.reason },
  );
}
