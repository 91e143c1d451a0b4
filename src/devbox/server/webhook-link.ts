import { isCrossSite } from "../../shared/cross-site.ts";
import { within } from "../../shared/within.ts";
import { closeAfter, hostOf, pathOf, type Request, type Response, readUpTo } from "./node-http.ts";
import { parseWebhookAddress } from "./webhook-address.ts";
import { callWebhook, type WebhookLimits } from "./webhook-call.ts";

/** Which webhook the console asks, and how much of it is borne. */
export interface WebhookLinkOptions extends Partial<WebhookLimits> {
  /** Its address; undefined where there is none, at the moment. */
  readonly address: () => string | undefined;
}

const prefix = "/webhook";
const root = `${prefix}/inspect`;

/** One path only in which nothing can be read in two ways: no empty, hidden or encoded parts. */
const pathForm = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+){1,6}$/;
const queryForm = /^[\w.~!$&'()*+,;=:@/?%-]*$/;
const longestTarget = 4096;
const maxBodyBytes = 1024 * 1024;
const defaults: WebhookLimits = { timeoutMs: 30_000, maxBytes: 8 * 1024 * 1024 };

/** The headers of a request that are passed on, and no others. */
const passed = ["authorization", "content-type", "accept"] as const;

/** Whether a request is for the webhook that the devbox was told of. */
export function isWebhookPath(path: string): boolean {
  return path === prefix || path === root || path.startsWith(`${root}/`);
}

/**
 * Passes requests of the console's own origin on to the endpoints of the group `inspect` of a webhook, with the caller's
 * `authorization`. What the webhook answers is passed on as JSON or not at all. `GET /webhook` itself is answered here:
 * nothing, with the webhook's address as `content-location` where there is one.
 */
export function createWebhookLink(
  options: WebhookLinkOptions,
): (request: Request, response: Response) => Promise<void> {
  const limits = { ...defaults, ...options };
  return async (request, response) => {
    const problem = refuse(request);
    if (problem !== undefined) {
      closeAfter(request, response);
      return sendProblem(response, problem);
    }
    const address = addressOf(options);
    if (pathOf(request) === prefix) return tellAddress(request, response, address);
    if (address === undefined) return sendProblem(response, noWebhook);
    const body = request.method === "POST" ? await readBody(request, limits) : undefined;
    if (body !== undefined && "code" in body) {
      closeAfter(request, response);
      return sendProblem(response, body);
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const target = (request.url ?? "").slice(prefix.length);
    const answer = await callWebhook(
      {
        address,
        method: request.method ?? "GET",
        target,
        headers: headersOf(request),
        body,
      },
      limits,
      gone.signal,
    );
    if (typeof answer === "string") return sendProblem(response, failures[answer]);
    send(response, answer.status, answer.headers, answer.body);
  };
}

/** Whatever is there, it is no error to ask. */
function tellAddress(request: Request, response: Response, address: URL | undefined): void {
  const location = address && { "content-location": address.href.replace(/\/$/, "") };
  if (request.method === "GET") send(response, 204, { ...location });
  else sendProblem(response, notThere);
}

/** One that is told later and is none is as good as none. */
function addressOf({ address }: WebhookLinkOptions): URL | undefined {
  const told = address();
  try {
    return told === undefined ? undefined : parseWebhookAddress(told);
  } catch {
    return undefined;
  }
}

async function readBody(
  request: Request,
  { timeoutMs }: WebhookLimits,
): Promise<Uint8Array | LinkProblem> {
  const reading = readUpTo(request, maxBodyBytes);
  if (!(await within(reading, timeoutMs))) {
    reading.catch(() => undefined);
    return tooSlow;
  }
  const body = await reading;
  return body.byteLength > maxBodyBytes ? tooLarge : body;
}

interface LinkProblem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refuse(request: Request): LinkProblem | undefined {
  if (request.method !== "GET" && request.method !== "POST") return wrongMethod;
  const site = { ...request.headers, host: hostOf(request) };
  if (isCrossSite(site)) return crossSite;
  const target = request.url ?? "";
  const query = target.slice(pathOf(request).length + 1);
  const isPlain = pathForm.test(pathOf(request)) && queryForm.test(query);
  return isPlain && target.length <= longestTarget ? undefined : notPlain;
}

function headersOf({ headers }: Request): Readonly<Record<string, string>> {
  const found = passed.flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(found);
}

function sendProblem(response: Response, { headers = {}, ...problem }: LinkProblem): void {
  const document = { type: `urn:flyte-webhook:problem:${problem.code}`, ...problem };
  const type = { "content-type": "application/problem+json" };
  send(response, problem.status, { ...headers, ...type }, Buffer.from(JSON.stringify(document)));
}

function send(
  response: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  body?: Buffer,
): void {
  response.writeHead(status, {
    "cache-control": "no-store",
    ...headers,
    ...(body !== undefined && { "content-length": String(body.byteLength) }),
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

const noWebhook: LinkProblem = {
  status: 404,
  code: "no_webhook",
  title: "No webhook",
  detail:
    "This devbox was told of no webhook. flyte-webhook dev starts one; flyte-webhook devbox --webhook URL names one that runs elsewhere.",
};

const notThere: LinkProblem = {
  status: 404,
  code: "not_found",
  title: "Not found",
  detail: "Only the address of the webhook is told here, for GET; ask below /webhook/inspect.",
};

const wrongMethod: LinkProblem = {
  status: 405,
  code: "method_not_allowed",
  title: "Method not allowed",
  detail: "The webhook is asked with GET or POST here.",
  headers: { allow: "GET, POST" },
};

const crossSite: LinkProblem = {
  status: 403,
  code: "cross_site",
  title: "Sent by another site",
  detail: "A page of another site sent this request. The webhook is asked by the console alone.",
};

const notPlain: LinkProblem = {
  status: 400,
  code: "invalid_input",
  title: "Invalid input",
  detail: "The address is not acceptable: it has to be a plain path of at most 4096 characters.",
};

const tooLarge: LinkProblem = {
  status: 413,
  code: "payload_too_large",
  title: "Body too large",
  detail: `The body may have at most ${maxBodyBytes} bytes.`,
};

const tooSlow: LinkProblem = {
  status: 408,
  code: "request_timeout",
  title: "Request timeout",
  detail: "The body did not arrive in time.",
};

const failures = {
  away: {
    status: 502,
    code: "webhook_unreachable",
    title: "Webhook unreachable",
    detail: "The webhook that this devbox was told of cannot be reached.",
  },
  late: {
    status: 504,
    code: "deadline_exceeded",
    title: "Deadline exceeded",
    detail: "The webhook did not answer in time.",
  },
  unusable: {
    status: 502,
    code: "webhook_unreachable",
    title: "Webhook unreachable",
    detail:
      "What answers at the address of the webhook is none, or answers too much. Check the address that this devbox was told.",
  },
} satisfies Readonly<Record<string, LinkProblem>>;
