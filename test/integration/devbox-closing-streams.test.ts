import { expect, test } from "vitest";
import { startDevbox } from "../../src/devbox/index.ts";
import { connectApps } from "../support/devbox-apps.ts";
import { actionOf, codeOf, connect, runIdOf } from "../support/devbox-client.ts";

test("a devbox that closes ends every stream with the reason, so that nobody takes it for complete", async () => {
  const box = await startDevbox({ state: "memory", port: 0 });
  try {
    const { runs, actions, data, deployScript, start, reach } = connect(box, "alice");
    const run = await start(await deployScript("silent", "echo first; sleep 1000"));
    await reach(run, "running");
    const [actionId, runId] = [actionOf(run), runIdOf(run)];
    const value = { name: runId.project, domain: runId.domain };
    const { apps } = connectApps(box, "alice");
    const streams: Record<string, AsyncIterable<unknown>> = {
      watchRuns: runs.watchRuns({ target: { case: "projectId", value } }),
      watchRunDetails: runs.watchRunDetails({ runId }),
      watchActions: runs.watchActions({ runId }),
      watchActionDetails: runs.watchActionDetails({ actionId }),
      watchForUpdates: actions.watchForUpdates({
        filter: { case: "parentActionId", value: actionId },
      }),
      tailLogs: data.tailLogs({ actionId, attempt: 1 }),
      watchApps: apps.watch({ target: { case: "project", value } }),
    };
    // An app that is watched may say nothing at first.
    const told = new Set(["watchApps"]);
    const codes = Object.entries(streams).map(async ([name, stream]) => {
      const reading = async () => {
        for await (const _ of stream) told.add(name);
      };
      return [name, await codeOf(reading())] as const;
    });
    await expect.poll(() => told.size).toBe(codes.length);
    await box.close();
    const expected = Object.keys(streams).map((name) => [name, "Unavailable"]);
    expect(Object.fromEntries(await Promise.all(codes))).toEqual(Object.fromEntries(expected));
  } finally {
    await box.close();
  }
});
