import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/webhook/endpoints.ts";
import { modes } from "../support/hostile-rows.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

/** Runs of nobody's business: they exist, and are to read like one that does not. */
const foreign = ["run-of-other", "run-of-unknown"];
const absent = "run-of-nobody";

const callers = ["alice", "bob"];
const scopes = ["", "?project=flytesnacks&domain=development", "?project=elsewhere"];
const verbs = endpoints.filter(({ fence }) => fence === "run");

for (const mode of modes) {
  describe(`behind a task allowlist, in the mode ${mode}`, () => {
    let webhook: TestWebhook;
    beforeAll(async () => {
      webhook = await startTestWebhook({
        taskAllowlist: ["allowed.main"],
        ...(mode === "upstream" && { compat: "upstream" }),
      });
    });
    afterAll(() => webhook[Symbol.asyncDispose]());

    /** All that a caller can see of an answer, with the run's name taken out. */
    async function look(verb: (typeof verbs)[number], run: string, caller: string, scope: string) {
      const path = verb.path.replace(/\{\w+\}/, run);
      const headers = [`authorization: Bearer ${caller}`, "x-request-id: same"];
      const line = `${verb.method} ${path}${scope}`;
      const { status, head, body } = await sendRaw(webhook.url, rawRequest(line, headers));
      const lines = head.split("\r\n").filter((one) => !/^date:/i.test(one));
      const changes = webhook.stub.takeMethods().filter((method) => !method.startsWith("get"));
      const seen = [lines.join("\n"), body].join("\n\n").replace(/content-length: \d+/, "");
      return { status, changes, seen: seen.replaceAll(run, "RUN") };
    }

    for (const verb of verbs) {
      test(`${verb.name} tells no caller whether a run outside it exists`, async () => {
        for (const caller of callers) {
          for (const scope of scopes) {
            const nothing = await look(verb, absent, caller, scope);
            expect(nothing.status).toBeGreaterThanOrEqual(400);
            if (mode === "problems" && verb.group === "run") expect(nothing.status).toBe(404);
            expect(nothing.changes).toEqual([]);
            for (const run of foreign) {
              expect(await look(verb, run, caller, scope)).toEqual(nothing);
            }
          }
        }
      });
    }

    test("a control plane that refuses to show a run tells no caller that there is one", async () => {
      for (const verb of verbs) {
        const nothing = await look(verb, absent, "alice", "");
        webhook.stub.failures.set("getRunDetails", new ConnectError("no", Code.PermissionDenied));
        expect(await look(verb, "run-of-other", "alice", "")).toEqual(nothing);
        webhook.stub.failures.clear();
      }
    });

    test("a run inside it is read and aborted by the caller's own right alone", async () => {
      for (const verb of verbs.filter(({ group }) => group === "run")) {
        expect((await look(verb, "run-of-allowed", "alice", "")).status).toBe(200);
      }
      webhook.stub.failures.set("abortRun", new ConnectError("no", Code.PermissionDenied));
      const abort = verbs.find(({ name }) => name === "abort_run");
      if (abort === undefined) throw new Error("no such endpoint");
      const refused = await look(abort, "run-of-allowed", "bob", "");
      expect(refused.status).toBe(mode === "problems" ? 403 : 500);
      webhook.stub.failures.clear();
    });
  });
}
