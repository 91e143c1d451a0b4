import type { Interceptor } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { currentSession, endSession, sessionKey } from "../session/session.ts";
import { noteReached, noteUnreachable, probe } from "./connection.ts";
import { isCanceled, isUnreachable } from "./error-words.ts";

/** The key goes with each call that brings none of its own, and nowhere else. */
const authorize: Interceptor = (next) => async (request) => {
  const isOurs = !request.header.has("authorization");
  const key = sessionKey();
  const wasIn = currentSession().kind === "in";
  if (isOurs && key !== undefined) request.header.set("authorization", `Bearer ${key}`);
  const note = (error: ConnectError): void => {
    // What a stream ends with comes late: somebody else may have signed in.
    const isSession = wasIn && currentSession().kind === "in" && sessionKey() === key;
    if (isOurs && isSession && error.code === Code.Unauthenticated) endSession(noLongerValid);
  };
  try {
    const answer = await next(request);
    noteReached();
    if (!answer.stream) return answer;
    return { ...answer, message: noting(answer.message, note) };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    if (isUnreachable(error)) noteUnreachable();
    else if (error.code === Code.Unavailable) void probe();
    else if (!isCanceled(error)) noteReached();
    note(error);
    throw error;
  }
};

const noLongerValid =
  "Your key is no longer valid: it was revoked or has expired. Sign in again, and you are back here.";

/** Messages as they come. A stream has begun to be answered when it is refused, breaks or is ended. */
async function* noting<Message>(
  messages: AsyncIterable<Message>,
  note: (error: ConnectError) => void,
): AsyncGenerator<Message, void, undefined> {
  try {
    yield* messages;
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    if (isUnreachable(error) || error.code === Code.Unavailable) void probe();
    note(error);
    throw error;
  }
}

/** The devbox that served this page. */
export const transport: ReturnType<typeof createConnectTransport> = createConnectTransport({
  baseUrl: location.origin,
  useBinaryFormat: true,
  interceptors: [authorize],
});
