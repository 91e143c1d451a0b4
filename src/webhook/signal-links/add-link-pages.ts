import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withoutAuthMetadata } from "../../client/auth-metadata.ts";
import type { ConditionStatus } from "../../client/condition-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { Addressed } from "../find-endpoints.ts";
import { taskOfRunAllowed } from "../guard.ts";
import { logFailure } from "../log-error.ts";
import { readBytes } from "../read-body.ts";
import { allow, deny } from "../record/decide.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import type { ResolvedSignalLinks } from "./link-options.ts";
import { askPage, linkPagePolicy, notePage } from "./link-page.ts";
import { LinkRate } from "./link-rate.ts";
import { type LinkClaims, readToken } from "./link-token.ts";
import { readAnswer } from "./read-answer.ts";

const maxBodyBytes = 16 * 1024;
const formType = /^application\/x-www-form-urlencoded(; ?charset=utf-8)?$/i;

/** Where people are without a credential; only where links are made. */
export const linkFolder: string = "/signal/";

/** The addresses of {@link addLinkPages}. */
export const linkPages: readonly Addressed[] = [
  { method: "GET", path: `${linkFolder}{token}` },
  { method: "POST", path: `${linkFolder}{token}` },
];

/** The address of a link. */
export function linkUrl({ baseUrl }: ResolvedSignalLinks, token: string): string {
  return `${baseUrl}${linkFolder}${token}`;
}

type Page = readonly [status: number, html: string, headers?: Readonly<Record<string, string>>];

const notValid: Page = [
  404,
  notePage("This link is not valid", "Ask for a new one where you have it from."),
];
const expired: Page = [410, notePage("This link has expired", "It can no longer be used.")];
const over: Page = [
  410,
  notePage(
    "There is nothing to answer any more",
    "This was answered, or the run does not wait any more.",
  ),
];
const tooOften: Page = [
  429,
  notePage("Too many requests", "Try again in a minute."),
  { "retry-after": "60" },
];
const notNow: Page = [
  503,
  notePage("This does not work at the moment", "Nothing was changed. Try again later."),
  { "retry-after": "5" },
];
const notReadable: Page = [400, notePage("This was not understood", "Open the link again.")];

/**
 * Adds the pages behind links. Opening one shows what is asked and changes nothing, so that programs which
 * look at links do no harm; its form signals the condition. That a condition is resolved once is the control
 * plane's own rule, which makes a link one of a single use in any number of replicas and across restarts.
 */
export function addLinkPages(app: FastifyInstance, options: ResolvedOptions): void {
  const links = options.signalLinks;
  if (links === undefined) return;
  const rate = new LinkRate();

  async function onLink(
    request: FastifyRequest,
    reply: FastifyReply,
    act: (condition: ConditionStatus, claims: LinkClaims) => Page | Promise<Page>,
  ): Promise<FastifyReply> {
    // Links act with their own credential, whatever the browser has sent.
    return send(reply, await withoutAuthMetadata(() => answer(request, act)));
  }

  async function answer(
    request: FastifyRequest,
    act: (condition: ConditionStatus, claims: LinkClaims) => Page | Promise<Page>,
  ): Promise<Page> {
    const { token } = request.params as { readonly token: string }; // what the route has
    const claims = links === undefined ? undefined : readToken(links.key, token);
    if (links === undefined || claims === undefined) {
      deny(request.record, "link");
      return notValid;
    }
    const { record } = request;
    record.actsAs = "link";
    record.target = `run ${claims.domain}/${claims.project}/${claims.run}`;
    if (claims.expiresAt <= Date.now()) return expired;
    if (!rate.take(claims.id)) {
      deny(record, "rateLimit:link");
      return tooOften;
    }
    try {
      const condition = await findCondition(links, claims, options);
      if (condition === undefined) {
        deny(record, "runFence");
        return notValid;
      }
      allow(record, "link");
      return condition.open ? await act(condition, claims) : over;
    } catch (error) {
      return failurePage(error, request, options);
    }
  }

  const config = { endpoint: "signal_link" };
  app.get(`${linkFolder}:token`, { config }, (request, reply) =>
    onLink(request, reply, (condition, { value }) => [200, askPage(condition, value)]),
  );

  app.post(`${linkFolder}:token`, { config }, (request, reply) =>
    onLink(request, reply, async (condition, claims) => {
      const form = await readForm(request);
      if (form === undefined) return notReadable;
      const given =
        claims.value === undefined ? readAnswer(form, condition.type) : { value: claims.value };
      if ("fault" in given) return [400, askPage(condition, undefined, given.fault)];
      return signal(links, condition, given.value);
    }),
  );
}

/** The condition of a link, while the webhook may touch its run. */
async function findCondition(
  { controlPlane }: ResolvedSignalLinks,
  { project, domain, run, action }: LinkClaims,
  options: ResolvedOptions,
): Promise<ConditionStatus | undefined> {
  const ref = { name: run, project, domain };
  if (options.runsFenced && !taskOfRunAllowed(options, await controlPlane.runs.get(ref))) return;
  return controlPlane.conditions.get({ ...ref, condition: action });
}

async function signal(
  { controlPlane }: ResolvedSignalLinks,
  { project, domain, run, action }: ConditionStatus,
  value: JsonValue,
): Promise<Page> {
  const ref = { name: run, project, domain, condition: action };
  await controlPlane.conditions.signal(ref, value);
  return [200, notePage("Thank you", "Your answer was taken. You can close this page.")];
}

async function readForm(request: FastifyRequest): Promise<URLSearchParams | undefined> {
  const read = await readBytes(request.raw, maxBodyBytes);
  if ("problem" in read) return undefined;
  const type = request.headers["content-type"];
  // A link with a value of its own has nothing to send.
  if (read.bytes.length > 0 && !formType.test(type ?? "")) return undefined;
  return new URLSearchParams(read.bytes.toString("utf8"));
}

function failurePage(error: unknown, request: FastifyRequest, { logger }: ResolvedOptions): Page {
  const code = FlyteError.is(error) ? error.code : "internal";
  if (code === "not_found") return notValid;
  if (code === "conflict") return over;
  if (code === "invalid_input" || code === "canceled") return notReadable;
  // The operator's credential was refused, or the control plane is away: neither is the person's fault.
  const isOutage = code === "unavailable" || code === "deadline_exceeded";
  logFailure(logger, request, error, isOutage ? "unavailable" : "internal");
  return notNow;
}

function send(reply: FastifyReply, [status, html, headers]: Page): FastifyReply {
  return reply
    .code(status)
    .headers({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": linkPagePolicy,
      "x-robots-tag": "noindex, nofollow",
      ...headers,
    })
    .send(Buffer.from(html));
}
