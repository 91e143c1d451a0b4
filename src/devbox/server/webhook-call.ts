import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { lookupHost } from "../../shared/lookup-host.ts";
import { hostOf } from "./webhook-address.ts";

/** A request to a webhook. */
export interface WebhookCall {
  /** Where it is, with a path that may be empty. */
  readonly address: URL;
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** What a webhook has answered. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Why there is no answer that can be passed on. */
export type WebhookFailure = "away" | "late" | "unusable";

export interface WebhookLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Headers of answers that are passed on, and no others. */
const passed = ["content-type", "cache-control", "www-authenticate", "x-request-id"] as const;

/** What an answer may be: nothing that a browser would take for a page of ours. */
const mediaType = /^application\/(?:problem\+)?json(?: *;.*)?$/i;

/** Asks a webhook once; no redirect is followed. Never rejects. */
export function callWebhook(
  call: WebhookCall,
  { timeoutMs, maxBytes }: WebhookLimits,
  signal: AbortSignal,
): Promise<WebhookAnswer | WebhookFailure> {
  const { address, method, headers, body } = call;
  const request = address.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const fail = (): void => resolve(timeout.aborted ? "late" : "away");
    try {
      const sent = request({
        host: hostOf(address),
        port: address.port,
        method,
        path: `${address.pathname.replace(/\/$/, "")}${call.target}`,
        headers: {
          ...headers,
          ...(body !== undefined && { "content-length": String(body.byteLength) }),
        },
        agent: false,
        lookup: lookupHost,
        maxHeaderSize: 32_768,
        signal: AbortSignal.any([signal, timeout]),
      });
      sent.once("error", fail);
      sent.once("response", (response) => {
        readAnswer(response, maxBytes).then((answer) => {
          if (answer === "unusable") response.destroy();
          resolve(answer);
        }, fail);
      });
      sent.end(body);
    } catch {
      resolve("away"); // a header or target that Node.js does not send
    }
  });
}

async function readAnswer(
  response: IncomingMessage,
  maxBytes: number,
): Promise<WebhookAnswer | "unusable"> {
  const status = response.statusCode ?? 0;
  const { "content-type": type = "", "content-encoding": encoding } = response.headers;
  const isUsable = status >= 200 && (status < 300 || status >= 400) && status < 600;
  if (!isUsable || encoding !== undefined || !mediaType.test(type)) return "unusable";
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received += chunk.byteLength;
    if (received > maxBytes) return "unusable";
    chunks.push(chunk);
  }
  if (!response.complete) return "unusable";
  const headers = passed.flatMap((name) => {
    const value = response.headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return { status, headers: Object.fromEntries(headers), body: Buffer.concat(chunks) };
}
