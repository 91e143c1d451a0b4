import type { IncomingMessage, InformationEvent, ServerResponse } from "node:http";
import { toClientHeaders, toTrailers } from "./forwarded-headers.ts";

/** What a reason phrase may consist of. */
const phrasePattern = /^[\t\x20-\x7e]*$/;

/**
 * Passes an app's answer on as it comes. One that breaks off breaks off for the client, too: it never
 * looks complete.
 *
 * @param onEnd called once, when the answer is through or either side is gone
 */
export function relayAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  onEnd: () => void,
): void {
  const { statusCode = 502, statusMessage = "" } = answer;
  const headers = toClientHeaders(answer.rawHeaders, statusCode);
  if (!response.shouldKeepAlive) headers.push("Connection", "close");
  const phrase = phrasePattern.test(statusMessage) ? statusMessage : "";
  response.writeHead(statusCode, phrase, headers);
  answer.once("end", () => {
    const trailers = toTrailers(answer.rawTrailers);
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(trailers);
  });
  answer.on("error", () => undefined); // it closes as well
  answer.once("close", () => {
    if (!answer.complete) cutOff(response);
  });
  response.once("close", onEnd);
  // The beginning of a stream is news by itself, but travels with what is there already.
  let hasBody = false;
  answer.once("data", () => {
    hasBody = true;
  });
  answer.pipe(response);
  setImmediate(() => {
    if (!hasBody && !response.writableEnded && !response.destroyed) response.flushHeaders();
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
