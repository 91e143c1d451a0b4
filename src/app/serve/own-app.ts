import { appProcess } from "../../shared/app-process.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppHandle } from "./app-handle.ts";
import { isHealthy, probeHealth } from "./probe-health.ts";

const probe = { path: "/health", timeoutMs: 2_000 };

/**
 * What `serve` gives in the process that runs the app already: the app as it is, which that process
 * starts and stops. Its addresses are empty as long as they are not known.
 */
export function ownApp({ name }: AppEnvironment): AppHandle {
  const address = (): string => {
    const app = appProcess()?.app;
    return app?.name === name ? app.endpoint : "";
  };
  const isActive = async (): Promise<boolean> => {
    if (address() === "") return false;
    return isHealthy(
      await probeHealth({ url: address() + probe.path, timeoutMs: probe.timeoutMs }),
    );
  };
  const leave = async (): Promise<void> => undefined;
  return {
    name,
    get endpoint() {
      return address();
    },
    get url() {
      return address();
    },
    isActive,
    isDeactivated: async () => false,
    activate: leave,
    deactivate: leave,
    [Symbol.asyncDispose]: leave,
  };
}
