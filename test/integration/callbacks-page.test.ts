import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callbackDelaysMs } from "../../src/webhook/callbacks/retry-delay.ts";
import { signMessage } from "../../src/webhook/hooks/providers/webhook-signature.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";

const root = resolve(import.meta.dirname, "../..");
let page: string;
let folder: string;

beforeAll(async () => {
  page = await readFile(resolve(root, "docs/callbacks.md"), "utf8");
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-callbacks-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{"type": "module"}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const key = Buffer.alloc(32, 251); // its base64 has all kinds of characters
const body = '{"type":"run.failed","timestamp":"2026-11-21T09:30:05.123Z","data":{"name":"ä"}}';

function message(sentAt = new Date()): Record<string, string> {
  const keys = { shared: [{ name: "0", key }], public: [] };
  const headers = signMessage("msg_1", { body: Buffer.from(body), sentAt }, keys);
  const other = `v1,${Buffer.alloc(32).toString("base64")}`;
  return {
    WEBHOOK_SECRET: `whsec_${key.toString("base64")}`,
    WEBHOOK_ID: headers["webhook-id"],
    WEBHOOK_TIMESTAMP: headers["webhook-timestamp"],
    WEBHOOK_SIGNATURE: `${other} ${headers["webhook-signature"]}`,
  };
}

test.each([
  ["verify.ts", [process.execPath, "--import", import.meta.resolve("tsx")]],
  ["verify.py", ["python3"]],
  ["verify.sh", ["sh", "-eu"]],
])(
  "%s verifies what is sent, and nothing else",
  async (name, program) => {
    const [, code = ""] =
      [...page.matchAll(/^```\w+\n([\s\S]*?)^```\n/gm)].find(([, text]) => text?.includes(name)) ??
      [];
    await writeFile(join(folder, name), code);
    const run = (env: Record<string, string>, stdin = body) =>
      runProgram(
        [...program, name],
        { cwd: folder, env: { ...ownEnvironment(folder), ...env } },
        stdin,
      );
    const good = message();
    const { stdout, stderr, code: exit } = await run(good);
    expect({ stdout: stdout.trim(), stderr, exit }).toEqual({
      stdout: "run.failed",
      stderr: "",
      exit: 0,
    });
    const forged: readonly (readonly [Record<string, string>, string?])[] = [
      [good, body.replace("failed", "succeeded")],
      [{ ...good, WEBHOOK_ID: "msg_2" }],
      [{ ...good, WEBHOOK_SECRET: `whsec_${Buffer.alloc(32).toString("base64")}` }],
      ...(name === "verify.sh" ? [] : [[message(new Date(Date.now() - 301_000))] as const]),
    ];
    // One after the other: the shell's keeps the body in a file.
    for (const each of forged) expect((await run(...each)).code).not.toBe(0);
  },
  30_000,
);

test("the page has the pauses as they are", () => {
  const units = { s: 1_000, min: 60_000, h: 3_600_000 };
  const [, list = ""] = /^After ([^,]+(?:, [^,]+)+?), each a fifth/m.exec(page) ?? [];
  const pauses = [...list.matchAll(/(\d+) (s|min|h)/g)].map(
    ([, number, unit]) => Number(number) * units[unit as keyof typeof units],
  );
  expect(pauses).toEqual(callbackDelaysMs);
});
