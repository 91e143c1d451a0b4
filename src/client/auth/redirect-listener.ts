import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { FlyteError } from "../../shared/errors.ts";
import { parseEndpoint } from "../endpoint.ts";

/**
 * Listens at a redirect address on this machine until the browser brings the authorization code,
 * then closes. Visits with another path or `state` are refused and do not end the wait.
 *
 * @param listening called once the listener can be reached
 * @throws FlyteError `unauthenticated` when the person or the provider refuses, or the time is up;
 * `invalid_config` when the address is not on this machine or its port is taken
 */
export async function listenForCode(
  redirectUri: string,
  state: string,
  signal: AbortSignal,
  listening: () => void,
): Promise<string> {
  const address = toLoopbackUrl(redirectUri);
  const server = createServer({ requestTimeout: 10_000 });
  try {
    const arrived = new Promise<string>((resolve, reject) => {
      server.on("request", (request, response) => {
        const outcome = readVisit(request, address, state);
        answer(response, outcome);
        if (outcome.kind === "code") resolve(outcome.code);
        else if (outcome.kind === "refused") reject(signInFailed(outcome.reason));
      });
      signal.addEventListener("abort", () => reject(stopped(signal)), { once: true });
    });
    // The wait may end before anyone awaits it, while the listener is still opening.
    arrived.catch(() => undefined);
    signal.throwIfAborted();
    await open(server, address);
    listening();
    return await arrived;
  } finally {
    server.close();
    server.closeIdleConnections();
  }
}

function toLoopbackUrl(redirectUri: string): URL {
  const url = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (url?.protocol === "http:" && parseEndpoint(url.origin).loopback) return url;
  throw new FlyteError(
    "invalid_config",
    "The control plane's redirect address is not on this machine, so signing in through the browser is not possible. Use an API key, DeviceFlow or ClientSecret.",
  );
}

async function open(server: ReturnType<typeof createServer>, address: URL): Promise<void> {
  const host = address.hostname.replace(/^\[|\]$/g, "");
  server.listen(Number(address.port || 80), host.endsWith(".localhost") ? "127.0.0.1" : host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new FlyteError(
      "invalid_config",
      `The address ${address.host} that the browser is sent back to is taken or not allowed. End the program that uses it, or use DeviceFlow.`,
      { cause },
    );
  }
}

type Visit =
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "foreign"; readonly status: 400 | 404 | 405 };

/** What a visit of the listener means. */
function readVisit(
  { method, url = "/" }: Pick<IncomingMessage, "method" | "url">,
  address: URL,
  state: string,
): Visit {
  if (method !== "GET") return { kind: "foreign", status: 405 };
  // Put behind the origin as text: resolved against it, `//host/path` would name another host.
  const full = `${address.origin}${url}`;
  const target = url.startsWith("/") && URL.canParse(full) ? new URL(full) : undefined;
  if (target?.pathname !== address.pathname) return { kind: "foreign", status: 404 };
  if (!isEqual(target.searchParams.get("state") ?? "", state)) {
    return { kind: "foreign", status: 400 };
  }
  const error = target.searchParams.get("error");
  if (error !== null) {
    return { kind: "refused", reason: /^[a-z_]{1,40}$/.test(error) ? error : "unknown error" };
  }
  const code = target.searchParams.get("code") ?? "";
  return code === "" ? { kind: "foreign", status: 400 } : { kind: "code", code };
}

function isEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function answer(response: ServerResponse, visit: Visit): void {
  const status = visit.kind === "foreign" ? visit.status : 200;
  const text = {
    code: "You are signed in. You can close this page.",
    refused: "You were not signed in. You can close this page.",
    foreign: "This is not the answer that is waited for.",
  }[visit.kind];
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    connection: "close",
  });
  response.end(`${text}\n`);
}

function signInFailed(reason: string): FlyteError {
  return new FlyteError("unauthenticated", `Signing in was refused (${reason}). Try again.`);
}

function stopped(signal: AbortSignal): unknown {
  const late = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return late
    ? new FlyteError("unauthenticated", "Nobody signed in within five minutes. Try again.")
    : signal.reason;
}
