import { afterAll, beforeAll, expect, test } from "vitest";
import { unusedPort } from "../support/unused-port.ts";
import { type PythonSdk, startPythonSdk } from "./python-sdk.ts";

/** Apps that are deployed, asked through the gateway and administered with Flyte's Python SDK. */
let sdk: PythonSdk;

beforeAll(async () => {
  sdk = await startPythonSdk();
});

afterAll(() => sdk?.[Symbol.asyncDispose]());

test("the Python SDK serves, watches, switches, replaces, reads and deletes apps", async () => {
  const fastPort = String(await unusedPort());
  const result = await sdk.run("apps.py", { FAST_PORT: fastPort }, String(await unusedPort()));
  const { port } = new URL(sdk.server.ready.gateway ?? "");
  const address = (name: string) => `http://${name}-flytesnacks-development.localhost:${port}`;
  expect(result).toEqual({
    served: ["files", 1, true, address("files")],
    public: 200,
    me: [200, { subject: "alice", name: "Alice Admin", email: "alice@example.com" }],
    stranger: 401,
    reader: [200, { subject: "bob", name: "Bob Builder", email: "bob@example.com" }],
    about: [
      200,
      {
        mode: "remote",
        scope: "flytesnacks/development",
        raw_data_path: expect.stringMatching(/^file:.*\/apps\/flytesnacks\/development\/fast$/),
        color: "green",
        greeting: "hello",
        other: address("files"),
      },
    ],
    got: [1, "ACTIVE", "Tells what an app of the devbox is given."],
    listed: ["files"],
    active: ["fast", "files"],
    by_alice: ["fast", "files"],
    by_bob: [],
    absent: 'app "no-such-app" not found in "flytesnacks/development"',
    watched: "STOPPED",
    stopped: [2, "STOPPED", "", 503],
    started: [3, "ACTIVE", 200],
    // The SDK activates with "started" and serves with "active", which is another wish.
    again: [4, 5, "blue"],
    replaced: [5, 6, "Another one.", { team: "web" }, 200],
    command: [0, "STOPPED"],
    logs: expect.stringMatching(
      /\[fast-00001-\w+\] started with hello\n(.*\n)*.*\[fast-00005-\w+\] /,
    ),
    deleted: ['app "fast" not found in "flytesnacks/development"', 404, 404],
  });
});
