import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  mkdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { verifyLog } from "../../src/webhook/audit/verify-log.ts";
import { auditFile, readAudit, readRequests } from "../support/audit-log.ts";
import { createCaller } from "../support/http.ts";
import { createLog } from "../support/log.ts";
import { startTestWebhook } from "../support/webhook.ts";

const key = "a key of at least 32 characters, for tests";

async function serve(audit: Parameters<typeof startTestWebhook>[0] & object, ask = 1) {
  await using webhook = await startTestWebhook(audit);
  const caller = createCaller(webhook.url, "key-of-ada");
  for (let index = 0; index < ask; index += 1) await caller.get("/me");
}

/** Asks until what was asked is in the file. */
async function written(url: string, file: string): Promise<void> {
  const caller = createCaller(url, "key-of-ada");
  const { headers } = await caller.get("/me");
  const id = headers.get("x-request-id") ?? "";
  while (!(await readFile(file, "utf8")).includes(id)) await caller.get("/me");
}

describe("the file", () => {
  test("is its owner's alone, is gone on with after a restart, and tells when it was stopped", async () => {
    const file = await auditFile();
    await serve({ audit: { file } }, 2);
    await serve({ audit: { file } }, 1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(`${file}.key`)).mode & 0o777).toBe(0o600);
    expect((await readAudit(file)).map(({ event = "request" }) => event)).toEqual([
      ...["start", "request", "request", "stop"],
      ...["start", "request", "stop"],
    ]);
  });

  test.each([
    ["half a line", (text: string) => text.slice(0, -150)],
    ["a line without its break", (text: string) => text.slice(0, -1)],
    ["a line and half a line", (text: string) => `${text.slice(0, -200)}\n{"time"`],
    ["half of the first line", (text: string) => text.slice(0, 60)],
  ])("that ends in %s is gone on with", async (_name, cut) => {
    const file = await auditFile();
    await serve({ audit: { file } });
    await writeFile(file, cut(await readFile(file, "utf8")));
    await serve({ audit: { file } });
    await serve({ audit: { file } });
    expect((await verifyLog([file])).broken).toBeUndefined();
    expect((await readRequests(file)).length).toBeGreaterThan(0);
  });

  test("goes on in a new file when it was moved away, and after it was emptied", async () => {
    const file = await auditFile();
    {
      await using webhook = await startTestWebhook({ audit: { file } });
      await written(webhook.url, file);
      await rename(file, `${file}.1`);
      await createCaller(webhook.url, "key-of-ada").get("/me");
      // Its line may still have gone to the file that was moved, but not the next but one.
      await expect
        .poll(() =>
          stat(file).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await written(webhook.url, file);
    }
    const summary = await verifyLog([`${file}.1`, file]);
    expect(summary).toMatchObject({ broken: undefined, starts: 1 });
    expect((await verifyLog([file])).broken?.kind).toBe("deleted");

    const other = await auditFile();
    {
      await using webhook = await startTestWebhook({ audit: { file: other } });
      await written(webhook.url, other);
      await writeFile(`${other}.1`, await readFile(other));
      await truncate(other);
      await written(webhook.url, other);
    }
    expect((await verifyLog([`${other}.1`, other])).lines).toBeGreaterThan(2);
  });

  test("that another program writes into is gone on with, and the operator hears of it", async () => {
    const file = await auditFile();
    const { logger, lines } = createLog();
    {
      await using webhook = await startTestWebhook({ audit: { file }, logger });
      await written(webhook.url, file);
      await appendFile(file, "not a line");
      await written(webhook.url, file);
    }
    expect(lines.filter((line) => line.includes("another program"))).toHaveLength(1);
    expect((await verifyLog([file])).broken).toMatchObject({ kind: "inserted" });
  });
});

describe("no start", () => {
  test.each([
    ["in a folder that is not there", "no/where/audit.log", /ENOENT/],
    ["at a folder", ".", /EISDIR|directory|cannot be written/],
    ["of something else", "other.txt", /other content than an audit log/],
  ])("with a file %s", async (_name, name, message) => {
    const folder = dirname(await auditFile());
    await writeFile(join(folder, "other.txt"), "my notes\n");
    await expect(serve({ audit: { file: join(folder, name) } })).rejects.toThrow(message);
  });

  test("where nothing can be written", async () => {
    await expect(serve({ audit: { file: "/dev/full" } })).rejects.toThrow(/cannot be written/);
  });

  test("with something else where the key of credentials is, which gives the file back", async () => {
    const file = await auditFile();
    await writeFile(`${file}.key`, "my notes\n");
    await expect(serve({ audit: { file } })).rejects.toThrow(/is not the key of an audit log/);
    await rm(`${file}.key`);
    await serve({ audit: { file } });
    expect(await readRequests(file)).toHaveLength(1);
  });

  test("with another key, or without the key", async () => {
    const file = await auditFile();
    await serve({ audit: { file, key } });
    await expect(serve({ audit: { file } })).rejects.toThrow(/is not proved/);
    await expect(serve({ audit: { file, key: `${key}.` } })).rejects.toThrow(/is not proved/);
    await serve({ audit: { file, key } });
    expect(await readRequests(file, key)).toHaveLength(2);
  });

  test("with the file of another process, until that has ended", async () => {
    const file = await auditFile();
    const other = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"]);
    onTestFinished(() => void other.kill("SIGKILL"));
    await once(other.stdout, "data");
    const { hostname } = await import("node:os");
    const lock = { pid: other.pid, host: hostname(), began: null };
    await writeFile(`${file}.lock`, JSON.stringify(lock));
    await expect(serve({ audit: { file } })).rejects.toThrow(/Another process/);
    other.kill("SIGKILL");
    await once(other, "exit");
    await serve({ audit: { file } });
    await expect(stat(`${file}.lock`)).rejects.toThrow(/ENOENT/);
  });

  test("with the file of another webhook of the process", async () => {
    const file = await auditFile();
    await using _first = await startTestWebhook({ audit: { file } });
    await expect(serve({ audit: { file } })).rejects.toThrow(/Another process/);
  });

  test("a lock of an earlier process of the same number, or of a broken one, is taken over", async () => {
    const file = await auditFile();
    const { hostname } = await import("node:os");
    for (const lock of [
      JSON.stringify({ pid: process.pid, host: hostname(), began: "1" }),
      JSON.stringify({ pid: 1, host: hostname(), began: "no such start" }),
      "",
      "{}",
    ]) {
      await writeFile(`${file}.lock`, lock);
      await serve({ audit: { file } });
    }
    expect(await readRequests(file)).toHaveLength(4);
  });
});

describe("a file that cannot be written while the webhook runs", () => {
  /** Has the file moved away and something else in its place, for as long as `act` takes. */
  async function withoutPlace(file: string, act: () => Promise<void>): Promise<void> {
    await rename(file, `${file}.1`);
    await mkdir(file);
    await act();
    await rmdir(file);
  }

  test("leaves requests alone; their lines come later, and the operator hears of it once", async () => {
    const file = await auditFile();
    const { logger, lines } = createLog();
    {
      await using webhook = await startTestWebhook({ audit: { file }, logger });
      const caller = createCaller(webhook.url, "key-of-ada");
      await written(webhook.url, file);
      await withoutPlace(file, async () => {
        for (let index = 0; index < 5; index += 1)
          expect((await caller.get("/me")).status).toBe(200);
        await expect
          .poll(() => lines.some((line) => line.includes("cannot be written")))
          .toBe(true);
        for (let index = 0; index < 5; index += 1)
          expect((await caller.get("/me")).status).toBe(200);
      });
      await expect
        .poll(async () => {
          await caller.get("/me");
          return lines.some((line) => line.includes("written again"));
        })
        .toBe(true);
    }
    expect(lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
    const summary = await verifyLog([`${file}.1`, file]);
    expect(summary.broken).toBeUndefined();
    expect(summary.lines).toBeGreaterThanOrEqual(13);
  });

  test("refuses them where that is wanted, before they do anything, but for probes", async () => {
    const file = await auditFile();
    {
      await using webhook = await startTestWebhook({ audit: { file, onFailure: "refuse" } });
      const caller = createCaller(webhook.url, "key-of-ada");
      await written(webhook.url, file);
      await withoutPlace(file, async () => {
        await expect.poll(async () => (await caller.get("/me")).status).toBe(503);
        webhook.stub.reset();
        const { status, body, headers } = await caller.get("/me");
        expect({ status, code: body.code }).toEqual({ status: 503, code: "audit_unavailable" });
        expect(headers.get("retry-after")).toBe("5");
        expect(webhook.stub.takeMethods()).toEqual([]);
        expect((await caller.get("/health")).status).toBe(200);
      });
      await expect.poll(async () => (await caller.get("/me")).status).toBe(200);
    }
    const refused = (await readLines(file)).filter(({ rule }) => rule === "audit");
    expect(refused[0]).toMatchObject({
      status: 503,
      problem: "audit_unavailable",
      decision: "denied",
    });
    expect((await verifyLog([`${file}.1`, file])).broken).toBeUndefined();
  });

  async function readLines(file: string) {
    const text = await readFile(file, "utf8");
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }
});

test("durable: the line of what changed something is in the file before its answer is out", async () => {
  const file = await auditFile();
  await using webhook = await startTestWebhook({ audit: { file, durable: true } });
  const caller = createCaller(webhook.url, "key-of-ada");
  for (let index = 0; index < 5; index += 1) {
    const { headers } = await caller.post("/app/my-app/activate");
    expect(await readFile(file, "utf8")).toContain(headers.get("x-request-id"));
  }
  await Promise.all(Array.from({ length: 20 }, () => caller.post("/app/my-app/deactivate")));
  await webhook[Symbol.asyncDispose]();
  expect(await readRequests(file)).toHaveLength(25);
});
