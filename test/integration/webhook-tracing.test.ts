import { Code, ConnectError } from "@connectrpc/connect";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { createLog } from "../support/log.ts";
import { type StubControlPlane, startStub } from "../support/scripted-control-plane.ts";
import { startTestWebhook } from "../support/webhook.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${parentId}-01`;
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => provider.register());
beforeEach(() => exporter.reset());
afterAll(async () => {
  await provider.shutdown();
  for (const api of [trace, context, propagation]) api.disable();
});

interface Traced extends AsyncDisposable {
  readonly url: string;
  readonly stub: StubControlPlane;
  readonly lines: readonly string[];
}

/** In front of a control plane that knows one method, which fails when it is told to. */
async function startTraced(tracing: boolean, failure?: ConnectError): Promise<Traced> {
  const stub = await startStub((router) => {
    router.service(IdentityService, {
      userInfo: () => {
        if (failure !== undefined) throw failure;
        return { subject: "ada" };
      },
    });
  });
  const { logger, lines } = createLog();
  const controlPlane = createControlPlane({
    ...{ endpoint: stub.url, project: "p", domain: "d", retries: 0 },
  });
  const webhook = createWebhook({
    ...{ name: "traced", controlPlane, tracing, logger, endpointGroups: ["core", "ops"] },
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  lines.length = 0;
  return {
    ...{ url, stub, lines },
    async [Symbol.asyncDispose]() {
      await webhook.close();
      await controlPlane.close();
    },
  };
}

async function ask(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const all = { authorization: "Bearer planted-key", "x-request-id": "req-1", ...headers };
  const answer = await fetch(`${url}${path}`, { headers: all });
  await answer.arrayBuffer();
  return answer.status;
}

/** The headers of the call to the control plane. */
function sentWith({ stub }: Traced): Readonly<Record<string, string | string[] | undefined>> {
  return stub.calls[0]?.headers ?? {};
}

function spanOf(kind: SpanKind): ReadableSpan {
  const [span, ...others] = exporter.getFinishedSpans().filter((one) => one.kind === kind);
  if (span === undefined || others.length > 0) throw new Error("not one span of the kind");
  return span;
}

describe("with tracing", () => {
  test("a request is a span below its caller's, and each call to the control plane one below it", async () => {
    await using traced = await startTraced(true);
    await ask(traced.url, "/me?token=planted-query", { traceparent, tracestate: "a=b" });
    const server = spanOf(SpanKind.SERVER);
    const client = spanOf(SpanKind.CLIENT);
    expect(server.name).toBe("GET /me");
    expect(server.spanContext().traceId).toBe(traceId);
    expect(server.parentSpanContext?.spanId).toBe(parentId);
    expect(server.attributes).toEqual({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "http.route": "/me",
      "url.scheme": "http",
      "flyte_webhook.acts_as": "caller",
      "flyte_webhook.endpoint": "me",
      "flyte_webhook.request_id": "req-1",
    });
    expect(client.name).toBe("flyteidl2.auth.IdentityService/UserInfo");
    expect(client.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
    expect(client.attributes).toEqual({
      "rpc.system": "connect_rpc",
      "rpc.service": "flyteidl2.auth.IdentityService",
      "rpc.method": "UserInfo",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(traced.stub.url).port),
    });
    const headers = sentWith(traced);
    expect(headers["traceparent"]).toBe(`00-${traceId}-${client.spanContext().spanId}-01`);
    expect(headers["tracestate"]).toBe("a=b");
    expect(JSON.parse(traced.lines[0] ?? "")).toMatchObject({ traceId });
    const told = JSON.stringify([server, client].map(({ name, attributes }) => [name, attributes]));
    expect(told).not.toContain("planted");
  });

  test("a request without a trace begins one, which its log line and its calls carry", async () => {
    await using traced = await startTraced(true);
    await ask(traced.url, "/me", { traceparent: "00-broken" });
    const { traceId: own } = spanOf(SpanKind.SERVER).spanContext();
    expect(spanOf(SpanKind.SERVER).parentSpanContext).toBeUndefined();
    expect(JSON.parse(traced.lines[0] ?? "")).toMatchObject({ traceId: own });
    expect(traced.stub.calls[0]?.headers["traceparent"]).toContain(own);
  });

  test("failures are told by their codes, of the control plane and of the answer", async () => {
    await using traced = await startTraced(true, new ConnectError("planted", Code.Unavailable));
    expect(await ask(traced.url, "/me")).toBe(503);
    const server = spanOf(SpanKind.SERVER);
    const client = spanOf(SpanKind.CLIENT);
    expect(server.status.code).toBe(SpanStatusCode.ERROR);
    expect(server.attributes).toMatchObject({ "error.type": "unavailable" });
    expect(client.status.code).toBe(SpanStatusCode.ERROR);
    expect(client.attributes).toMatchObject({
      "error.type": "unavailable",
      "rpc.connect_rpc.error_code": "unavailable",
    });
  });

  test("paths and methods that nobody knows are in no span, and probes make none", async () => {
    await using traced = await startTraced(true);
    expect(await ask(traced.url, "/planted/path")).toBe(404);
    expect(spanOf(SpanKind.SERVER).name).toBe("GET");
    expect(spanOf(SpanKind.SERVER).attributes).not.toHaveProperty("http.route");
    exporter.reset();
    for (const path of ["/health", "/ready", "/metrics"]) await ask(traced.url, path);
    expect(exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER)).toEqual([]);
  });
});

describe("without tracing", () => {
  test("there are no spans, and the caller's trace goes on to the control plane as it is", async () => {
    await using traced = await startTraced(false);
    await ask(traced.url, "/me", { traceparent, tracestate: "a=b,c=d" });
    expect(exporter.getFinishedSpans()).toEqual([]);
    const headers = sentWith(traced);
    expect([headers["traceparent"], headers["tracestate"]]).toEqual([traceparent, "a=b,c=d"]);
    expect(JSON.parse(traced.lines[0] ?? "")).toMatchObject({ traceId });
  });

  test.each([
    ["none", {}],
    ["one of another form", { traceparent: "00-xyz" }],
    ["one of no trace", { traceparent: `00-${"0".repeat(32)}-${parentId}-01` }],
    ["one of no parent", { traceparent: `00-${traceId}-${"0".repeat(16)}-01` }],
    ["version ff", { traceparent: `ff-${traceId}-${parentId}-01` }],
    ["more than version 00 has", { traceparent: `${traceparent}-more` }],
    ["upper case", { traceparent: traceparent.toUpperCase() }],
    ["a state alone", { tracestate: "a=b" }],
  ])("with %s nothing is passed on", async (_, headers) => {
    await using traced = await startTraced(false);
    expect(await ask(traced.url, "/me", headers)).toBe(200);
    const { traceparent: sent, tracestate } = sentWith(traced);
    expect([sent, tracestate]).toEqual([undefined, undefined]);
  });

  test("a state that is none stays behind, a later version goes on", async () => {
    await using traced = await startTraced(false);
    const later = `cc-${traceId}-${parentId}-01-what-comes`;
    await ask(traced.url, "/me", { traceparent: later, tracestate: "no state\u00e9" });
    const headers = sentWith(traced);
    expect([headers["traceparent"], headers["tracestate"]]).toEqual([later, undefined]);
  });
});

test("a run is labelled with the trace of the span that started it", async () => {
  await using webhook = await startTestWebhook({ tracing: true });
  const answer = await fetch(`${webhook.url}/run-task/development/flytesnacks/allowed.main`, {
    method: "POST",
    headers: { authorization: "Bearer key", "content-type": "application/json" },
    body: JSON.stringify({ x: 1 }),
  });
  expect(answer.status).toBe(200);
  const { traceId: own } = spanOf(SpanKind.SERVER).spanContext();
  const labels = JSON.stringify(webhook.stub.runs.created[0]?.runSpec?.labels);
  expect(labels).toContain(own);
});
