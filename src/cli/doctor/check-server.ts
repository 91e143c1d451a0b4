import { once } from "node:events";
import {
  type ClientRequest,
  get as getPlainly,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { get as getSecurely, type RequestOptions } from "node:https";
import type { ControlPlane } from "../../client/control-plane.ts";
import { type ProbeAnswer, probeControlPlane } from "../../client/probe-control-plane.ts";
import { sessionOf } from "../../client/session-of.ts";
import { FlyteError } from "../../shared/errors.ts";
import { lookupHost } from "../../shared/lookup-host.ts";
import { packageVersion } from "../../shared/package-files.ts";
import { type Finding, ok, problem, skipped, warning } from "./finding.ts";

const timeoutMs = 10_000;

/** Beyond this, times in logs and lists of two machines no longer fit together. */
const noticedSkewMs = 5_000;
/** What signatures and tokens usually forgive. */
const forgivenSkewMs = 60_000;

/** Whether the control plane answers, and refuses who brings no credential. */
export async function* checkServer(
  controlPlane: ControlPlane,
  { allowAnonymous }: { readonly allowAnonymous: boolean },
): AsyncGenerator<Finding, boolean> {
  const { endpoint } = controlPlane;
  let answer: ProbeAnswer;
  try {
    answer = await probeControlPlane(controlPlane, { timeoutMs });
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    yield problem(
      "control plane",
      `${endpoint} does not answer: ${error.message} Start it, or correct the endpoint.`,
    );
    return false;
  }
  if (answer === "failed") {
    yield problem(
      "control plane",
      `${endpoint} answers, but not as a Flyte 2 control plane. Correct the endpoint; it is the address of the API, not of a console in front of it.`,
    );
    return false;
  }
  yield ok("control plane", `${endpoint} answers`);
  yield* checkAnonymous(answer, allowAnonymous);
  yield* checkPlaintext(controlPlane);
  yield* checkHead(controlPlane);
  return true;
}

function* checkAnonymous(answer: ProbeAnswer, allowAnonymous: boolean): Generator<Finding> {
  if (answer !== "served") {
    yield ok("anonymous", "calls without a credential are refused");
    return;
  }
  const text =
    "the control plane serves calls without a credential: every caller would be the same user, and no credential be looked at. Turn authentication on; on a cluster, point the endpoint at the ingress that authenticates and not at the service behind it.";
  yield allowAnonymous ? warning("anonymous", text) : problem("anonymous", text);
}

function* checkPlaintext(controlPlane: ControlPlane): Generator<Finding> {
  const { endpoint, allowPlaintext } = sessionOf(controlPlane).options;
  if (endpoint.secure || endpoint.loopback || !allowPlaintext) return;
  yield warning(
    "encryption",
    `credentials cross the network to ${endpoint.baseUrl} in plain text. Use https://, or make sure that the network is one that may read them.`,
  );
}

/** What the head of any answer tells: the time there, and a devbox its version. */
async function* checkHead(controlPlane: ControlPlane): AsyncGenerator<Finding> {
  const began = Date.now();
  const headers = await readHead(controlPlane);
  if (headers === undefined) {
    yield skipped("clock", "the control plane's time could not be read");
    return;
  }
  yield clockFinding(headers.date, (began + Date.now()) / 2);
  yield* versionFindings(String(headers["server"]));
}

async function readHead(controlPlane: ControlPlane): Promise<IncomingHttpHeaders | undefined> {
  const url = `${controlPlane.endpoint}/healthz`;
  const { tls } = sessionOf(controlPlane).options;
  const asking = get(url, { ...tls, lookup: lookupHost, timeout: timeoutMs, agent: false });
  asking.once("timeout", () => asking.destroy(new Error("no answer in time")));
  try {
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    answer.destroy();
    return answer.headers;
  } catch {
    return undefined; // Whether it answers was looked at before.
  }
}

function get(address: string, options: RequestOptions): ClientRequest {
  return address.startsWith("https:")
    ? getSecurely(address, options)
    : getPlainly(address, options);
}

function clockFinding(date: string | undefined, hereMs: number): Finding {
  const thereMs = Date.parse(date ?? "");
  if (Number.isNaN(thereMs)) return skipped("clock", "the control plane does not tell its time");
  // The header counts whole seconds.
  const skewMs = hereMs - (thereMs + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const text = `this machine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the control plane's`;
  if (Math.abs(skewMs) <= noticedSkewMs) return ok("clock", "agrees with the control plane's");
  const remedy = "Let both follow a time server: signatures, tokens and schedules depend on it.";
  if (Math.abs(skewMs) <= forgivenSkewMs) return warning("clock", `${text}. ${remedy}`);
  return problem("clock", `${text}. ${remedy}`);
}

function* versionFindings(server: string): Generator<Finding> {
  const [, there] = /^flyte-webhook-devbox\/(\S+)$/.exec(server) ?? [];
  if (there === undefined) return;
  const here = packageVersion();
  if (there === here) yield ok("version", `this command and the devbox are ${here}`);
  else {
    yield warning(
      "version",
      `this command is ${here}, the devbox ${there}. Restart the devbox with the same version.`,
    );
  }
}
