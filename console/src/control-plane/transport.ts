import type { Interceptor } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { currentSession, signOut } from "../session/session.ts";

/** The key goes with each call, and nowhere else. */
const authorize: Interceptor = (next) => async (request) => {
  const state = currentSession();
  const key =
    state.kind === "in" ? state.session.key : state.kind === "unknown" ? state.key : undefined;
  if (key !== undefined && !request.header.has("authorization")) {
    request.header.set("authorization", `Bearer ${key}`);
  }
  try {
    return await next(request);
  } catch (error) {
    if (state.kind === "in" && ConnectError.from(error).code === Code.Unauthenticated) {
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
