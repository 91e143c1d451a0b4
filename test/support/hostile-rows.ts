import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "./raw-http.ts";
import { startTestWebhook, type TestWebhook } from "./webhook.ts";

/** One request of somebody who is not a friend, and the status it deserves. */
export interface HostileRow {
  readonly name: string;
  readonly line: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  readonly status: number;
  /** The original takes such a request, so the mode `upstream` may do so, too. */
  readonly taken?: boolean;
}

export const credential = "authorization: Bearer key-of-alice";
export const json: readonly string[] = [credential, "content-type: application/json"];

/** Starts a run that is allowed: whatever keeps it from starting is not the allowlist. */
export const runAllowed = "POST /run-task/development/flytesnacks/allowed.main";

export const modes = ["problems", "upstream"] as const;
export type Mode = (typeof modes)[number];

/** A webhook that a hostile request can get little from. */
export function startFenced(mode: Mode): Promise<TestWebhook> {
  return startTestWebhook({
    taskAllowlist: ["b/c", "development/flytesnacks/allowed.main"],
    appAllowlist: ["my-app"],
    triggerAllowlist: [],
    bodyLimitBytes: 64 * 1024,
    ...(mode === "upstream" && { compat: "upstream" }),
  });
}

/** The bytes of a row. */
export function bytesOf({ line, headers = [credential], body = "" }: HostileRow): Buffer {
  if (typeof body === "string") return Buffer.from(rawRequest(line, headers, body), "latin1");
  const head = rawRequest(line, [...headers, `content-length: ${body.length}`]);
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}

/**
 * Sends every row to a webhook in both modes: it gets its status (in the mode `upstream` its class
 * at least), reaches no control plane, quotes no credential and leaves the process healthy.
 */
export function describeHostile(topic: string, rows: readonly HostileRow[]): void {
  for (const mode of modes) {
    describe(`${topic}, with the answers of the mode ${mode}`, () => {
      let webhook: TestWebhook;
      beforeAll(async () => {
        webhook = await startFenced(mode);
      });
      afterAll(() => webhook[Symbol.asyncDispose]());

      for (const row of rows) {
        test(`${row.name} is ${row.status}`, async () => {
          const answer = await sendRaw(webhook.url, bytesOf(row));
          expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
          if (mode === "upstream" && row.taken === true) {
            expect(answer.head).toMatch(/^HTTP\/1\.1 \d{3} /); // its failures are 500s
            webhook.stub.takeMethods();
            return;
          }
          if (mode === "problems") {
            expect(answer.status).toBe(row.status);
            expect(answer.head).toMatch(/^content-type: application\/problem\+json\r?$/m);
            expect(JSON.parse(answer.body).status).toBe(row.status);
          } else {
            expect(Math.floor(answer.status / 100)).toBe(Math.floor(row.status / 100));
          }
          expect(answer.body + answer.head).not.toContain("key-of-alice");
          expect(webhook.stub.takeMethods()).toEqual([]);
        });
      }
    });
  }
}
