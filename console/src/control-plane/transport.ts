import type { Interceptor } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { currentSession, endSession, sessionKey } from "../session/session.ts";
import { noteReached, noteUnreachable } from "./connection.ts";
import { isCanceled, isUnreachable } from "./error-words.ts";

/** The key goes with each call that brings none of its own, and nowhere else. */
const authorize: Interceptor = (next) => async (request) => {
  const isOurs = !request.header.has("authorization");
  const key = sessionKey();
  const { kind } = currentSession();
  if (isOurs && key !== undefined) request.header.set("authorization", `Bearer ${key}`);
  try {
    const answer = await next(request);
    noteReached();
    return answer;
  } catch (error) {
    if (isUnreachable(error)) noteUnreachable();
    else if (!isCanceled(error)) noteReached();
    const isRefused = ConnectError.from(error).code === Code.Unauthenticated;
    if (isOurs && kind === "in" && isRefused) {
      endSession(
        "Your key is no longer valid: it was revoked or has expired. Sign in again, and you are back here.",
      );
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
