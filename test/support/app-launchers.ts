import { resolve } from "node:path";
import type { DevboxOptions } from "../../src/devbox/index.ts";

/** The commands of this package, run from its sources. */
export function appLaunchers(): NonNullable<DevboxOptions["launchers"]> {
  const source = (file: string) => ({
    argv: [
      process.execPath,
      "--import",
      import.meta.resolve("tsx"),
      resolve(import.meta.dirname, "../../src", file),
    ],
    warm: false,
  });
  return { "flyte-app": source("app/runtime/main.ts"), "flyte-webhook": source("cli.ts") };
}
