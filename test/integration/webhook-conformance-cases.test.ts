import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import type { ConformanceCase } from "../support/conformance/conformance-case.ts";
import { conformanceCases } from "../support/conformance/conformance-cases.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const allowlists = {
  taskAllowlist: ["development/flytesnacks/allowed.main"],
  appAllowlist: ["my-app", "test-webhook"],
  triggerAllowlist: ["allowed.main/nightly"],
  prefetchAllowlist: ["org/*", "secret:TEAM_TOKEN"],
  buildAllowlist: ["base:python", "pip:httpx", "apt:git"],
};
const cookie = "session=conformance-cookie";

/**
 * Links are only made where they are configured, and no two are the same; readiness and metrics are nobody's
 * calls and differ from time to time; what a webhook tells of itself follows from its options.
 */
const withOwnTests: ReadonlySet<string> = new Set([
  "create_signal_link",
  "get_run_events",
  "get_run_logs",
  "ready",
  "metrics",
  "inspect",
  "inspect_decision",
  "inspect_deliveries",
  "replay_delivery",
  "inspect_audit",
]);

/** Every row has a caller of its own: what is kept for one is not there for the next. */
function credentialOf(row: ConformanceCase): string {
  return `Bearer conformance-key-${conformanceCases.indexOf(row)}`;
}

for (const compat of [undefined, "upstream"] as const) {
  describe(compat === undefined ? "in the default mode" : "like upstream", () => {
    let open: TestWebhook;
    let fenced: TestWebhook;

    beforeAll(async () => {
      const mode = compat === undefined ? {} : { compat };
      [open, fenced] = await Promise.all([
        startTestWebhook(mode),
        startTestWebhook({ ...mode, ...allowlists }),
      ]);
    });

    afterAll(async () => {
      await Promise.all([open[Symbol.asyncDispose](), fenced[Symbol.asyncDispose]()]);
    });

    for (const row of conformanceCases) {
      test(`${row.endpoint} when ${row.when}`, async () => {
        const webhook = row.fenced ? fenced : open;
        const answer = await ask(webhook, row);
        const authorization = credentialOf(row);
        const calls = webhook.stub.calls.splice(0);
        webhook.stub.reset();
        if (compat === undefined) checkOurs(row, answer);
        else checkUpstream(row, answer);
        const methods = calls.map(({ method }) => method);
        // Where inputs and outputs are kept is asked once for all requests.
        expect(methods.filter((method) => method !== "selectCluster")).toEqual(row.calls);
        for (const call of calls)
          expect(call).toEqual({ method: call.method, authorization, cookie });
      });
    }
  });
}

/** Sends the request of a row; what differs from run to run becomes `URL` and `CREDENTIAL`. */
async function ask({ url, stub }: TestWebhook, row: ConformanceCase): Promise<RawAnswer> {
  for (const [method, [code, message]] of Object.entries(row.failing ?? {})) {
    stub.failures.set(method, new ConnectError(message, code));
  }
  const credential = credentialOf(row);
  const headers = [`authorization: ${credential}`, `cookie: ${cookie}`];
  const body = row.body === undefined ? "" : JSON.stringify(row.body);
  if (body !== "") headers.push("content-type: application/json");
  const answer = await sendRaw(url, rawRequest(row.request, headers, body));
  const shown = answer.body.replaceAll(stub.url, "URL").replaceAll(credential, "CREDENTIAL");
  return { ...answer, body: shown };
}

function checkUpstream({ upstream }: ConformanceCase, answer: RawAnswer): void {
  const expected = "body" in upstream ? upstream.body : { detail: upstream.detail };
  expect(answer.body).toBe(JSON.stringify(expected));
  expect(answer.status).toBe(upstream.status);
  expect(answer.head).toMatch(/^content-type: application\/json\r?$/m);
}

function checkOurs({ ours, upstream }: ConformanceCase, answer: RawAnswer): void {
  if (ours !== undefined && "text" in ours) {
    expect(answer.body).toBe(ours.text);
    expect(answer.status).toBe(ours.status);
    return;
  }
  if (ours === undefined || "body" in ours) {
    const expected = ours ?? upstream;
    expect("body" in expected && JSON.stringify(expected.body)).toBe(answer.body);
    expect(answer.status).toBe(expected.status);
    expect(answer.head).toMatch(/^content-type: application\/json\r?$/m);
    return;
  }
  const document = JSON.parse(answer.body);
  const detail = ours.detail ?? ("detail" in upstream ? upstream.detail : undefined);
  expect(document).toMatchObject({ status: ours.status, code: ours.code });
  if (ours.faults !== undefined) {
    const paths = document.errors.map(({ path }: { readonly path: string }) => path);
    expect(paths).toEqual(ours.faults);
  } else if (detail === "") expect(document.detail).toContain(document.requestId);
  else expect(document.detail).toBe(detail);
  expect(answer.status).toBe(ours.status);
  expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/m);
}

test("every endpoint has a success and, unless it cannot fail, a failure in the table", () => {
  for (const { name } of endpoints) {
    if (withOwnTests.has(name)) continue;
    const rows = conformanceCases.filter(({ endpoint }) => endpoint === name);
    const statuses = rows.map(({ upstream }) => upstream.status);
    expect(`${name} ${statuses.includes(200)}`).toBe(`${name} true`);
    const fails = name === "health" || statuses.some((status) => status >= 400);
    expect(`${name} ${fails}`).toBe(`${name} true`);
  }
});
