import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { useCommandDevbox } from "../support/command-devbox.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";

/** What docs/runs.md tells people to paste. */
const page = readFileSync(resolve(import.meta.dirname, "../../docs/runs.md"), "utf8");
const devbox = useCommandDevbox(["dev", "--endpoint-group", "all", "batch", "rerun", "list"]);

/** Pastes a line; the answer as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in the answer
async function paste(line: string): Promise<any> {
  const { webhook, keys } = devbox.server.ready;
  const script = line.replaceAll("http://127.0.0.1:8080", webhook ?? "");
  const env = ownEnvironment(devbox.folder, { KEY: keys["alice"] });
  const result = await runProgram(["/bin/sh", "-ec", script], { cwd: devbox.folder, env });
  expect(result.code).toBe(0);
  return JSON.parse(result.stdout);
}

test("every line of the page works as pasted, one after another", async () => {
  const blocks = [...page.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  const [options = "", dry = "", batch = "", rerun = "", lists = ""] = blocks;
  expect(blocks).toHaveLength(5);
  expect(await paste(options)).toMatchObject({ name: "first-run" });
  expect(await paste(dry)).toMatchObject({ dry_run: true, inputs: { values: [1, 2, 3] } });
  expect(await paste(batch)).toMatchObject({ started: 2, failed: 0 });
  expect((await paste(rerun)).name).not.toBe("first-run");
  const [runs = "", tasks = ""] = lists.trim().split("\n");
  expect((await paste(runs)).runs.length).toBeGreaterThan(0);
  const { tasks: found } = await paste(tasks);
  expect(found.map(({ name }: { name: string }) => name)).toContain("stats.describe");
});
