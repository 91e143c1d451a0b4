import { ConnectError } from "@connectrpc/connect";
import {
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from "../../../src/shared/json.ts";
import { sessionKey } from "../session/session.ts";
import {
  type AuditPage,
  type Decision,
  type Delivery,
  type Replay,
  readAnswer,
  readAuditPage,
  readDecision,
  readDeliveries,
  readReplay,
  readWebhookInfo,
  type WebhookInfo,
} from "./answers.ts";
import { toProblemError } from "./problem-error.ts";
import { type Question, toBody } from "./question.ts";
import type { Read } from "./read-value.ts";
import { askWebhookAddress } from "./webhook-address.ts";

/** Where the devbox passes calls on to its webhook, and what it asks there. */
const prefix = "/webhook";
const base = "/inspect";

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whose call it is, where it is not the one of who is signed in. */
  readonly key?: string | undefined;
  /** Sent with POST. */
  readonly body?: JsonObject;
}

/** What the webhook serves and allows. */
export async function inspectWebhook(signal: AbortSignal): Promise<WebhookInfo> {
  // A call that is answered 404 would be an error in the browser's own console.
  if ((await wrapped(askWebhookAddress(signal))) === undefined) throw noWebhook();
  return ask(readWebhookInfo, "", { signal });
}

/** Whether a caller may do something, which is not done. */
export function askDecision(
  question: Question,
  options: Omit<CallOptions, "body"> = {},
): Promise<Decision> {
  return ask(readDecision, "/decision", { ...options, body: toBody(question) });
}

/** The last deliveries of a hook, or of all, the newest first. */
export async function listDeliveries(
  hook: string | undefined,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const query = hook === undefined ? "" : `?${new URLSearchParams({ hook }).toString()}`;
  return (await ask(readDeliveries, `/deliveries${query}`, { signal })).deliveries;
}

/** Gives a delivery to its hook again. */
export function replayDelivery(
  { hook, requestId }: Delivery,
  { asNew }: { readonly asNew: boolean },
): Promise<Replay> {
  const path = `/deliveries/${encodeURIComponent(hook)}/${encodeURIComponent(requestId)}/replay`;
  return ask(readReplay, path, { body: { as_new: asNew } });
}

const linesOfPage = 50;

/** Lines of the audit log, before a line or from its end. */
export function listAudit(before: number | undefined, signal?: AbortSignal): Promise<AuditPage> {
  const query = new URLSearchParams({ limit: String(linesOfPage) });
  if (before !== undefined) query.set("before", String(before));
  return ask(readAuditPage, `/audit?${query.toString()}`, { signal });
}

async function ask<T>(
  read: Read<T>,
  path: string,
  { signal, key = sessionKey(), body }: CallOptions,
): Promise<T> {
  const target = `${base}${path}`;
  const { response, text } = await send(`${prefix}${target}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: stringifyJson(body) }),
    ...(signal !== undefined && { signal }),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  });
  const answer = parse(text);
  if (!response.ok || answer === undefined) throw toProblemError(response.status, answer);
  return readAnswer(read, answer);
}

async function send(
  url: string,
  init: RequestInit,
): Promise<{ readonly response: Response; readonly text: string }> {
  const response = await wrapped(fetch(url, init));
  return { response, text: await wrapped(response.text()) };
}

/** A failure is wrapped like that of any other call, so that it is told from a defect of the page. */
async function wrapped<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw ConnectError.from(error);
  }
}

function noWebhook(): Error {
  return toProblemError(404, { code: "no_webhook", title: "No webhook" });
}

function parse(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
