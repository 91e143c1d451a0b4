import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { github } from "../../src/webhook/hooks/providers/github.ts";
import { problemKinds } from "../../src/webhook/problem-codes.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook } from "../support/webhook.ts";

/**
 * What strangers and callers may send, all of it mixed: every path there is and ways around it, every method, and the
 * headers that something here reads. Each request ends, never in a 500. `FUZZ_RUNS` sets how many there are.
 */
const numRuns = Math.ceil(Number(process.env["FUZZ_RUNS"] ?? 2000) / 4);

const secret = "the-secret-of-the-hook";
const task = { project: "flytesnacks", domain: "development", task: "allowed.main" };

async function start(compat: "upstream" | undefined) {
  const webhook = await startTestWebhook({
    ...(compat !== undefined && { compat }),
    bodyLimitBytes: 4096,
    waitLimitMs: 1,
    metricsToken: "a-token-for-metrics",
    docs: "protected",
    hooks: [
      github({
        name: "github",
        secret,
        runAs: { token: "the-key-of-the-hook" },
        start: ({ payload }) => ({ ...task, inputs: { x: payload } }),
      }),
    ],
  });
  // Those that go on would be streamed for ever.
  for (const name of [...webhook.stub.runs.runs.keys(), "rnew"])
    webhook.stub.runs.watches.end(name);
  return webhook;
}

/** The status of the answer itself, where a body was asked for before; never that something unforeseen went wrong. */
async function soundStatus(url: string, request: string): Promise<number> {
  const answer = await sendRaw(url, request);
  expect(answer.body).not.toContain("Something went wrong here");
  const status = answer.status === 100 ? Number(answer.body.split(" ")[1]) : answer.status;
  expect(known.has(status) || others.has(status) ? "known" : status).toBe("known");
  return status;
}

const known = new Set(Object.values(problemKinds).map(({ status }) => status));
/** Of answers that are none of ours alone. */
const others = new Set([200, 202, 204, 207, 307, 417]);

const word = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom("development", "flytesnacks", "allowed.main", "run-of-allowed"),
  },
  fc.constantFrom(
    "..",
    "%2e%2e",
    "%2f",
    "a%2Fb",
    "%00",
    "%zz",
    "",
    ";",
    "%E2%80%AE",
    "a".repeat(300),
  ),
);

const place = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...endpoints.map(({ path }) => path)),
        fc.array(word, { minLength: 4, maxLength: 4 }),
      )
      .map(([path, words]) =>
        words.reduce((text, one) => text.replace(/\{\w+\}/, () => one), path),
      ),
  },
  fc.constantFrom(
    ...["/hooks/github", "/hooks/other", "/hooks/", "/hooks", "/hooks/github/", "//hooks/github"],
    ...["/hooks/../me", "/hooks/%2e%2e/me", "/hooks/..%2fme", "/hooks;/github", "/HOOKS/github"],
    ...[
      "/health",
      "/ready",
      "/ready/../me",
      "/metrics",
      "/metrics/",
      "/metrics%2f",
      "/docs",
      "/redoc",
    ],
    ...[
      "/openapi.json",
      "/openapi.json?tasks=true",
      "/signal/x",
      "/signal/",
      "/signal/../me",
      "*",
      "/",
    ],
    ...["http://other.example/me", "http://other.example/hooks/github", "/hooks/github?x=1#y"],
  ),
);

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc.constantFrom(
    ...[
      "?wait=1",
      "?wait=-1",
      "?wait=1e9",
      "?dry_run=true",
      "?dry_run=x",
      "?run_name=r",
      "?run_name=%00",
    ],
    ...[
      "?labels=%7B%22a%22%3A1%7D",
      "?env_vars=%7B%22__proto__%22%3A%22x%22%7D",
      "?limit=1",
      "?after=x",
    ],
    ...[
      "?format=ndjson",
      "?follow=false",
      "?attempt=0",
      "?attempt=999999999",
      "?phase=x",
      "?since=x",
    ],
    ...["?project=..&domain=", "?version=latest", "?tasks=true", "?__proto__=1", "?wait=1&wait=2"],
  ),
);

const values: Readonly<Record<string, readonly string[]>> = {
  authorization: ["Bearer key", "bearer key", "Bearer", "Basic x", "Bearer a-token-for-metrics"],
  cookie: ["a=b", "a=b; a=c", "="],
  prefer: [
    "wait=1",
    "respond-async",
    'wait="1',
    "wait=99999999999999999999",
    '"'.repeat(99),
    ",;=,",
  ],
  "idempotency-key": ["k", '"k"', '"', '"\\"', "a b", "é", "k".repeat(256), ""],
  "last-event-id": ["1.1", "end", "0.0", "9".repeat(400), "__proto__", "1.running"],
  traceparent: [`00-${"a".repeat(32)}-${"b".repeat(16)}-01`, `ff-${"a".repeat(99)}`, "00-0-0-0"],
  tracestate: ["a=b", "a=b,".repeat(100), "=", "a=é"],
  baggage: ["a=b", "x".repeat(2000)],
  accept: [
    "*/*",
    "text/event-stream",
    "image/png",
    "application/x-ndjson;q=0",
    ";;;,",
    "text/plain",
  ],
  expect: ["100-continue", "200-ok"],
  origin: ["null", "https://evil.example"],
  "sec-fetch-site": ["cross-site", "same-origin", "x"],
  "access-control-request-method": ["POST", "x"],
  "x-forwarded-for": ["1.2.3.4", "x"],
  "x-request-id": ["a b", "r".repeat(500), "ok"],
  "content-type": ["application/json", "text/plain", "application/json; charset=latin1", "/"],
  "content-encoding": ["gzip", "identity"],
  "x-github-event": ["push", "ping", "x".repeat(300), "é"],
  "x-github-delivery": ["d1", "", "x".repeat(300)],
  "x-hub-signature-256": ["sha256=00", `sha256=${"0".repeat(64)}`, "x"],
};

const header = fc
  .constantFrom(...Object.keys(values))
  .chain((name) => fc.constantFrom(...(values[name] ?? [])).map((value) => `${name}: ${value}`));

const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("", "{}", '{"x":1}', '{"runs":[{}]}', "[", "x".repeat(5000)),
  },
  fc.json({ maxDepth: 3 }),
);

const method = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("GET", "POST") },
  fc.constantFrom("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PURGE"),
);

const run = { project: "flytesnacks", domain: "development", name: "allowed.main" };

/** Half of the batches are right in their form. */
const batch = fc.constant(JSON.stringify({ runs: [{ ...run, inputs: { x: 1 } }, run] }));

describe.each([undefined, "upstream"] as const)("with compat %s", (compat) => {
  test("nothing that is sent makes the webhook fail, hang, or act for a stranger", async () => {
    await using webhook = await start(compat);
    const isPublic = (path: string) =>
      /^(\/health|\/ready|\/metrics)(\?|$)/.test(path) || path.includes("/signal/");
    const requests = fc.tuple(
      method,
      fc.tuple(place, query).map((parts) => parts.join("")),
      fc.array(header, { maxLength: 6 }),
      fc.oneof(body, batch),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ([verb, path, given, text, isKnown]) => {
        webhook.stub.takeMethods();
        const mine = given.filter((line) => !/^(authorization|cookie):/.test(line));
        const lines = isKnown
          ? ["authorization: Bearer key", "content-type: application/json", ...mine]
          : mine;
        const status = await soundStatus(webhook.url, rawRequest(`${verb} ${path}`, lines, text));
        // The original says 500 of what a control plane refuses.
        if (compat === undefined) expect(status).not.toBe(500);
        if (isKnown) return;
        const isQuiet = status >= 300 || isPublic(path) || verb === "OPTIONS";
        expect(isQuiet ? "quiet" : `${verb} ${path} ${status}`).toBe("quiet");
        expect(webhook.stub.takeMethods()).not.toContain("createRun");
      }),
      { numRuns },
    );
    expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
  });

  test("nothing that is signed makes the webhook fail", async () => {
    await using webhook = await start(compat);
    const deliveries = fc.tuple(
      fc.oneof(fc.json({ maxDepth: 3 }), fc.string({ unit: "binary", maxLength: 50 })),
      fc.array(header, { maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async ([text, given]) => {
        const signature = createHmac("sha256", secret).update(text).digest("hex");
        const lines = [
          ...["x-github-event: push", `x-github-delivery: ${signature.slice(0, 36)}`],
          ...["content-type: application/json", `x-hub-signature-256: sha256=${signature}`],
          ...given,
        ];
        const request = rawRequest("POST /hooks/github", lines, text);
        const status = await soundStatus(webhook.url, request);
        // The original says 500 of what a control plane refuses.
        if (compat === undefined) expect(status).not.toBe(500);
      }),
      { numRuns },
    );
    expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
  });
});
