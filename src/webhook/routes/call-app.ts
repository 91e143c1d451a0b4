import type { Dispatcher } from "undici";
import { FlyteError, invalidInput } from "../../shared/errors.ts";
import { startDeadline } from "../../shared/signals.ts";
import type { Answer, Route } from "../answer-request.ts";
import { type Call, pathValue } from "../call.ts";
import { announcesTooMuch, toStreamAnswer } from "../call-app/answer-of-app.ts";
import { toAppBase, toAppUrl } from "../call-app/app-address.ts";
import type { AppCaller, AppRequest } from "../call-app/app-caller.ts";
import { toAppCredential } from "../call-app/app-credential.ts";
import { type AskedRequest, readAppRequest } from "../call-app/read-app-request.ts";
import { findReadyApp } from "../call-app/ready-app.ts";
import { readWhole, toUpstreamAnswer } from "../call-app/upstream-answer.ts";
import type { Problem } from "../problem.ts";
import { withSwappedHint } from "../swapped-hint.ts";

/** Sends a request to an app and passes its answer on. */
export function createCallApp(caller: AppCaller): Route {
  return (call) =>
    withSwappedHint(call, async () => {
      const asked = readAppRequest(call);
      const timeoutMs = call.options.callTimeoutMs;
      const deadline = startDeadline({ signals: [call.signal], timeoutMs });
      const end = (): void => deadline[Symbol.dispose]();
      let isUnderWay = false;
      try {
        const answer = await callApp(caller, call, { asked, signal: deadline.signal, end });
        isUnderWay = "stream" in answer && !Buffer.isBuffer(answer.stream.body);
        return answer;
      } finally {
        if (!isUnderWay) end();
      }
    });
}

interface Parts {
  readonly asked: AskedRequest;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

async function callApp(caller: AppCaller, call: Call, parts: Parts): Promise<Answer> {
  const { asked, signal } = parts;
  const found = await findReadyApp(call, signal);
  if ("problem" in found) return found;
  const base = toAppBase(found.endpoint, caller.isAllowed);
  if (base === undefined) {
    return badGateway(call, "has an address, as the control plane tells it, that cannot be called");
  }
  const url = toAppUrl(base, asked.path, asked.query);
  if (url === undefined) {
    throw invalidInput([{ path: ["path"], message: "does not lead to the app" }]);
  }
  const credential = toAppCredential(call, url);
  const { method, body } = asked;
  const headers = { ...toHeaders(call, asked), ...credential.headers };
  try {
    const response = await caller.send({ url, method, headers, body }, signal);
    return await toAnswer(call, parts, { response, url, withheld: credential.withheld });
  } catch (error) {
    if (!signal.aborted) {
      logUnreachable(call, error);
      return badGateway(call, "cannot be reached, or does not speak HTTP");
    }
    const { reason } = signal;
    if (!FlyteError.is(reason) || reason.code !== "deadline_exceeded") {
      throw new FlyteError("canceled", "The caller went away.", { cause: reason });
    }
    const detail = `App ${pathValue(call, "name")} did not answer within the ${call.options.callTimeoutMs} ms that a call may take.`;
    return { problem: { code: "deadline_exceeded", detail } };
  }
}

interface Received {
  readonly response: Dispatcher.ResponseData;
  readonly url: URL;
  /** Why the app did not get the caller's credential; undefined when it did. */
  readonly withheld: string | undefined;
}

async function toAnswer(
  call: Call,
  { asked, end }: Parts,
  { response, url, withheld }: Received,
): Promise<Answer> {
  const limitBytes = call.options.callResponseLimitBytes;
  const tooLong = `answers more than the ${limitBytes} bytes that are passed on`;
  const { statusCode } = response;
  if (announcesTooMuch(response, limitBytes)) return refuse(response, badGateway(call, tooLong));
  if (statusCode < 200 || statusCode > 599) {
    return refuse(response, badGateway(call, "answers with a status that is none"));
  }
  if (call.options.compat === "upstream") {
    const body = await readWhole(response, limitBytes);
    return body === undefined ? badGateway(call, tooLong) : toUpstreamAnswer(statusCode, body);
  }
  if (statusCode === 401 && withheld !== undefined) {
    const detail = `App ${pathValue(call, "name")} asks for a credential.`;
    return refuse(response, { problem: { code: "unauthenticated", detail, hint: withheld } });
  }
  return toStreamAnswer(response, { url, method: asked.method, limitBytes, onEnd: end });
}

/** Does not take the rest of an app's answer. */
function refuse({ body }: Dispatcher.ResponseData, answer: Answer): Answer {
  body.on("error", () => undefined).destroy();
  return answer;
}

function badGateway(call: Call, what: string): { readonly problem: Problem } {
  return { problem: { code: "bad_gateway", detail: `App ${pathValue(call, "name")} ${what}.` } };
}

/** All that the app gets to see, but for the credential. */
function toHeaders({ options, requestId }: Call, { body }: AskedRequest): AppRequest["headers"] {
  const typed = body !== undefined || options.compat === "upstream";
  return {
    accept: "*/*",
    "accept-encoding": "identity",
    "user-agent": `flyte-webhook/${options.name}`,
    "x-request-id": requestId,
    ...(typed && { "content-type": "application/json" }),
  };
}

function logUnreachable({ options, requestId }: Call, error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
  options.logger?.warn({ requestId, code }, "an app cannot be reached");
}
