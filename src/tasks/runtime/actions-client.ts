import type { Client } from "@connectrpc/connect";
import type { ActionsService } from "../../idl/actions.ts";
import { TASK_TOKEN_VARIABLE } from "../../shared/task-token.ts";
import { UserError } from "../task-errors.ts";

/**
 * Calls to the control plane that runs this attempt, at the address and with the token that it has put into
 * the environment.
 *
 * @throws UserError when it has put no address there
 */
export async function createActionsClient(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Client<typeof ActionsService>> {
  const host = env["_U_EP_OVERRIDE"] ?? "";
  if (host === "") {
    throw new UserError("This attempt cannot call its control plane: _U_EP_OVERRIDE is not set.", {
      code: "NoControlPlane",
      retryable: false,
    });
  }
  const isPlain = /^(1|true|t|yes)$/i.test(env["_U_INSECURE"] ?? "");
  const token = env[TASK_TOKEN_VARIABLE] ?? "";
  // Most tasks call nothing, and should not wait for what they do not need.
  const [{ createClient }, { createConnectTransport }, { ActionsService: service }] =
    await Promise.all([
      import("@connectrpc/connect"),
      import("@connectrpc/connect-node"),
      import("../../idl/actions.ts"),
    ]);
  const baseUrl = /^https?:\/\//.test(host) ? host : `${isPlain ? "http" : "https"}://${host}`;
  return createClient(
    service,
    createConnectTransport({
      baseUrl,
      httpVersion: "1.1",
      interceptors: [
        (next) => (request) => {
          if (token !== "") request.header.set("authorization", `Bearer ${token}`);
          return next(request);
        },
      ],
    }),
  );
}
