import type { IncomingMessage, InformationEvent, ServerResponse } from "node:http";
import { includesKind, toClientHeaders } from "./forwarded-headers.ts";
import { headerKinds } from "./header-kinds.ts";
import { passBody } from "./pass-body.ts";

/** What a reason phrase may consist of. */
const phrasePattern = /^[\t\x20-\x7e]*$/;

/**
 * Passes an app's answer on as it comes. One that breaks off breaks off for the client, too: it never
 * looks complete.
 *
 * @param requestId told to the client where the app tells it none
 */
export function relayAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): void {
  const { statusCode = 502, statusMessage = "", rawHeaders } = answer;
  const headers = toClientHeaders(rawHeaders, statusCode);
  if (!includesKind(headers, headerKinds.requestId)) headers.push("X-Request-Id", requestId);
  if (!response.shouldKeepAlive) headers.push("Connection", "close");
  const phrase = phrasePattern.test(statusMessage) ? statusMessage : "";
  response.writeHead(statusCode, phrase, headers);
  answer.on("error", () => undefined); // it closes as well
  answer.once("close", () => {
    if (!answer.complete) cutOff(response);
  });
  passBody(answer, response);
  const isUnderWay = (): boolean =>
    answer.readableDidRead || response.writableEnded || response.destroyed;
  // The beginning of a stream is news by itself, but travels with what is there already.
  process.nextTick(() => {
    if (isUnderWay()) return;
    setImmediate(() => {
      if (!isUnderWay()) response.flushHeaders();
    });
  });
}

/** Passes on a preliminary answer, such as 103 Early Hints. The gateway answers 100 itself. */
export function relayInformation(
  { statusCode, statusMessage, rawHeaders, httpVersion }: InformationEvent,
  response: ServerResponse,
): void {
  const { socket, req } = response;
  if (statusCode === 100 || statusCode === 101 || response.headersSent) return;
  // Behind another answer on the connection it would come out of turn; a client of 1.0 knows none.
  if (socket === null || req.httpVersion !== "1.1" || httpVersion !== "1.1") return;
  const headers = toClientHeaders(rawHeaders, statusCode);
  let head = `HTTP/1.1 ${statusCode} ${phrasePattern.test(statusMessage) ? statusMessage : ""}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  socket.write(`${head}\r\n`, "latin1");
}

/** Ends an answer so that its client sees that something is missing. */
export function cutOff(response: ServerResponse): void {
  const { socket } = response;
  // To a client of HTTP/1.0 the end of the connection is the end of the answer, unless it is reset.
  if (response.req.httpVersion === "1.0") socket?.resetAndDestroy();
  response.destroy();
}
