import type { Interceptor } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { currentSession, sessionKey, signOut } from "../session/session.ts";

/** The key goes with each call that brings none of its own, and nowhere else. */
const authorize: Interceptor = (next) => async (request) => {
  const isOurs = !request.header.has("authorization");
  const key = sessionKey();
  const { kind } = currentSession();
  if (isOurs && key !== undefined) request.header.set("authorization", `Bearer ${key}`);
  try {
    return await next(request);
  } catch (error) {
    const isRefused = ConnectError.from(error).code === Code.Unauthenticated;
    if (isOurs && kind === "in" && isRefused) {
      signOut("Your key is no longer valid. Sign in again.");
    }
    throw error;
  }
};

/** The devbox that served this page. */
export const transport: ReturnType<typeof createConnectTransport> = createConnectTransport({
  baseUrl: location.origin,
  useBinaryFormat: true,
  interceptors: [authorize],
});
