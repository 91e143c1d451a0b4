import { mkdir, readdir, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploySystemTasks } from "../../src/cli/system-tasks.ts";
import { connect } from "../support/devbox-client.ts";
import { seededContent, textContent } from "../support/hub-content.ts";
import { type HubFile, pointerOf } from "../support/hub-server.ts";
import {
  type PrefetchingDevbox,
  startPrefetchingDevbox,
  usePrefetching,
} from "../support/prefetching-devbox.ts";
import { unusedPort } from "../support/unused-port.ts";

const here = usePrefetching();

const small: HubFile = { path: "config.json", content: textContent("{}") };
const large: HubFile = {
  path: "model.safetensors",
  content: seededContent(500_000, 7),
  isLarge: true,
};

async function storeToken(name: string, value: string): Promise<void> {
  const { secrets } = connect(here.box.devbox, "alice");
  await secrets.createSecret({
    id: { project: "flytesnacks", domain: "development", name },
    secretSpec: { value: { case: "stringValue", value } },
  });
}

/** A prefetch that has to fail, with the reason in both answers about its run. */
async function failure(parameters: Readonly<Record<string, unknown>>): Promise<string> {
  const { phase, error = "", io } = await here.box.prefetch(parameters);
  expect([phase, io.phase, io.outputs]).toEqual(["failed", "failed", null]);
  expect(io.error).toBe(error);
  // Nothing of where in this package it was noticed.
  expect(error).not.toMatch(/\(at |\.ts:|node:/);
  return error;
}

describe("a gated model", () => {
  beforeAll(() => void here.hub.add({ repo: "org/gated", files: [small, large], isGated: true }));

  test("without a token tells where to ask for access and how to store one", async () => {
    const error = await failure({ repo: "org/gated" });
    expect(error).toContain(
      `is gated, and no token was sent. Ask for access at ${here.hub.url}/org/gated`,
    );
    expect(error).toContain(
      "flyte-webhook create secret HF_TOKEN --project flytesnacks --domain development",
    );
  });

  test("with the token of somebody else tells whose access is missing", async () => {
    await storeToken("STRANGER", "hf_stranger");
    const error = await failure({ repo: "org/gated", hf_token_key: "STRANGER" });
    expect(error).toContain('the token of the secret "STRANGER" has no access');
  });

  test("with a token that is none tells how to replace it", async () => {
    await storeToken("EXPIRED", "hf_expired");
    const error = await failure({ repo: "org/gated", hf_token_key: "EXPIRED" });
    expect(error).toContain('does not accept the token of the secret "EXPIRED"');
    expect(error).toContain("flyte-webhook create secret EXPIRED --project flytesnacks");
    await storeToken("BROKEN", "hf one\nhf two");
    expect(await failure({ repo: "org/gated", hf_token_key: "BROKEN" })).toContain(
      'The secret "BROKEN" does not hold a token',
    );
    expect(here.hub.seen.some(({ authorization }) => authorization?.includes("two"))).toBe(false);
  });

  test("is fetched with a token that has access, which nobody but the hub gets", async () => {
    await storeToken("MEMBER", "hf_member\n");
    const { phase, error, name } = await here.box.prefetch({
      repo: "org/gated",
      hf_token_key: "MEMBER",
    });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    const atHub = here.hub.seen.filter(({ host }) => host === "hub");
    const atStore = here.hub.seen.filter(({ host }) => host === "store");
    expect(new Set(atHub.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer hf_member"]),
    );
    expect(atStore.length).toBeGreaterThan(0);
    expect(atStore.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    expect(await here.box.logOf(name)).not.toMatch(/hf_member|signature/);
  });
});

describe("a model that is not there", () => {
  test("fails with that, whether or not a token was sent", async () => {
    const without = await failure({ repo: "org/nothing" });
    expect(without).toContain(
      `There is no model org/nothing at ${here.hub.url}. If it is private, store a token`,
    );
    await storeToken("ANY", "hf_member");
    const withToken = await failure({ repo: "org/nothing", hf_token_key: "ANY" });
    expect(withToken).toContain('the token of the secret "ANY" may not read it');
  });

  test("is there for those who may read it", async () => {
    here.hub.add({ repo: "org/private", files: [small], isPrivate: true });
    expect(await failure({ repo: "org/private" })).toContain("There is no model org/private");
    const { phase } = await here.box.prefetch({ repo: "org/private", hf_token_key: "ANY" });
    expect(phase).toBe("succeeded");
  });

  test("may also be one without files", async () => {
    here.hub.add({ repo: "org/empty", files: [] });
    expect(await failure({ repo: "org/empty" })).toContain("has no files");
  });
});

describe("room", () => {
  test("that the request does not give is said before anything is fetched", async () => {
    here.hub.add({ repo: "org/large", files: [small, large] });
    const error = await failure({ repo: "org/large", disk: "400k" });
    expect(error).toContain("org/large has 500.0 kB, and the run may use 400k of disk");
    expect(here.hub.takeFiles()).toEqual([]);
  });

  // A link to the device that is always full stands where the attempt would keep its part.
  test.skipIf(process.platform !== "linux")(
    "that the disk has no more of is said so, and freed",
    async () => {
      const commit = here.hub.add({ repo: "org/full", files: [small, large] });
      const models = await here.box.modelsFolder();
      const parts = `${models}/org--full/.released-${commit}-earlier/parts`;
      await mkdir(parts, { recursive: true });
      const { createHash } = await import("node:crypto");
      const part = createHash("sha256").update(large.path).digest("hex");
      await symlink("/dev/full", `${parts}/${part}.part`);
      const error = await failure({ repo: "org/full" });
      expect(error).toContain("The disk is full: org/full could not be stored (ENOSPC)");
      expect(await readdir(`${models}/org--full`)).toEqual([]);
    },
  );
});

describe("a hub that cannot be trusted", () => {
  test.each([
    "../../../etc/cron.d/x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "a\\..\\b",
    "a\u0000b",
    ".flyte-model.json",
    `${"x".repeat(256)}`,
  ])("lists %j, and nothing is fetched", async (path) => {
    here.hub.add({ repo: "org/unsafe", files: [small, { ...large, listed: { path } }] });
    expect(await failure({ repo: "org/unsafe" })).toContain("of the repository");
    expect(here.hub.takeFiles()).toEqual([]);
  });

  test("lists a file as a folder too, or twice, or without what proves it", async () => {
    for (const [listed, reason] of [
      [{ path: "config.json/x" }, "is a file and a folder"],
      [{ path: "config.json" }, "is listed twice"],
      [{ lfs: { oid: "abc", size: 1 } }, "does not say what"],
      [{ lfs: undefined, oid: "abc" }, "without a size or hash"],
      [{ lfs: undefined, size: -1 }, "without a size or hash"],
      [{ path: 7 }, "without a path"],
    ] as const) {
      here.hub.add({ repo: "org/listed", files: [small, { ...large, listed }] });
      expect(await failure({ repo: "org/listed" })).toContain(reason);
    }
  });

  test("gives a pointer in place of a large file", async () => {
    const pointer = textContent(pointerOf("a".repeat(64), 3_000_000_000));
    here.hub.add({ repo: "org/pointer", files: [small, { path: "model.bin", content: pointer }] });
    expect(await failure({ repo: "org/pointer" })).toContain(
      'a pointer of Git LFS in place of "model.bin", which has 3000000000 bytes',
    );
  });

  test.each([
    ["file:///etc", "sends on to file:"],
    ["http://user:secret@127.0.0.1:1", "sends on to an address with a password"],
  ])("redirects to %s", async (to, reason) => {
    here.hub.add({ repo: "org/redirect", files: [small, large] });
    here.hub.faults.redirectTo = to;
    expect(await failure({ repo: "org/redirect" })).toContain(reason);
  });

  test("redirects to another server, which sees no token", async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    here.hub.add({ repo: "org/elsewhere", files: [large] });
    here.hub.faults.redirectTo = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const run = await here.box.start({ repo: "org/elsewhere", hf_token_key: "MEMBER" });
    await expect.poll(() => seen.length).toBeGreaterThan(1);
    await here.box.bob.post(`/prefetch/hf-model/${run}/abort`);
    expect((await here.box.ended(run)).phase).toBe("aborted");
    await new Promise((resolve) => other.close(resolve));
    expect(seen.filter((authorization) => authorization !== undefined)).toEqual([]);
  });
});

describe("a hub that cannot be asked", () => {
  const redeploy = (url: string) =>
    deploySystemTasks(here.box.devbox, {
      env: { HF_ENDPOINT: url },
      signal: new AbortController().signal,
    });

  afterAll(() => redeploy(here.hub.url));

  test("is down", async () => {
    const port = await unusedPort();
    await redeploy(`http://127.0.0.1:${port}`);
    expect(await failure({ repo: "org/gated" })).toBe(
      `127.0.0.1:${port} cannot be reached: nobody listens there.`,
    );
  });

  test("is something else", async () => {
    const site = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<html>Welcome</html>");
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    await redeploy(url);
    expect(await failure({ repo: "org/gated" })).toContain("Check HF_ENDPOINT");
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
    await redeploy("ftp://user:secret@hub");
    const error = await failure({ repo: "org/gated" });
    expect(error).toContain("HF_ENDPOINT is not the address of a hub");
    expect(error).not.toContain("secret");
  });
});

describe("with an allowlist", () => {
  let fenced: PrefetchingDevbox;

  beforeAll(async () => {
    fenced = await startPrefetchingDevbox(here.hub.url, { prefetchAllowlist: ["org/*"] });
  });

  afterAll(() => fenced[Symbol.asyncDispose]());

  test("other models are refused, and runs of them answer like absent ones", async () => {
    here.hub.add({ repo: "org/fine", files: [small] });
    here.hub.add({ repo: "evil/model", files: [small] });
    const { status, body } = await fenced.bob.post("/prefetch/hf-model", { repo: "evil/model" });
    expect([status, body.detail]).toEqual([403, "Model evil/model is not in the allowlist"]);
    const fine = await fenced.prefetch({ repo: "org/fine" });
    expect(fine.phase).toBe("succeeded");
    const other = await startOther(fenced, "evil/model");
    for (const [method, suffix] of [
      ["get", ""],
      ["get", "/io"],
      ["post", "/abort"],
    ] as const) {
      const answer = await fenced.bob[method](`/prefetch/hf-model/${other}${suffix}`);
      expect([answer.status, answer.body.detail]).toEqual([404, `Run ${other} not found`]);
      const absent = await fenced.bob[method](`/prefetch/hf-model/rabsent${suffix}`);
      expect(absent.status).toBe(404);
    }
  });

  /** A run that was not started by this webhook's way to fetch models. */
  async function startOther({ bob }: PrefetchingDevbox, repo: string): Promise<string> {
    const path = "/run-task/production/system/prefetch.hf_model";
    const { status, body } = await bob.post(path, { repo });
    expect([status, body]).toMatchObject([200, {}]);
    return body.name;
  }
});
