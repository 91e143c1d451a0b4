import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveServeOptions } from "./serve-options.ts";

test("without options an app is asked for /health on this machine, and has its time", () => {
  expect(resolveServeOptions({})).toMatchObject({
    host: "127.0.0.1",
    healthPath: "/health",
    activateTimeoutMs: 60_000,
    deactivateTimeoutMs: 6_000,
    probeTimeoutMs: 2_000,
    probeIntervalMs: 100,
    variables: { _FLYTE_APP_RAW_DATA_PATH: join(tmpdir(), "flyte", "raw_data") },
  });
});
