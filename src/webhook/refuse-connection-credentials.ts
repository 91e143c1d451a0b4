import type { FastifyInstance } from "fastify";
import { sendProblem } from "./problem.ts";

const credentialNamed = /(?:^|[\s,])(?:authorization|cookie)(?:$|[\s,])/i;

/**
 * Refuses requests whose `Connection` header claims a credential header for itself (RFC 9110, 7.6.1):
 * a proxy would take the credential away, a server would not, and two readers would see two callers.
 */
export function refuseConnectionCredentials(app: FastifyInstance): void {
  app.addHook("onRequest", ({ headers }, reply, done) => {
    if (!credentialNamed.test(headers.connection ?? "")) {
      done();
      return;
    }
    const detail = "The header connection must not name authorization or cookie.";
    sendProblem(reply, { code: "invalid_input", detail });
  });
}
