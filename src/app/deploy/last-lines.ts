import type { AppRef } from "../../client/app-calls.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";

/** How many lines of a failed app are told, and for how long they are waited for. */
const [mostLines, longestMs] = [20, 5_000];

/**
 * Waits for a deployment. When the app failed, the error also has the last lines that it wrote, as far
 * as the control plane tells them.
 */
export async function withLastLines<Result>(
  controlPlane: ControlPlane,
  app: AppRef,
  deployment: Promise<Result>,
): Promise<Result> {
  try {
    return await deployment;
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "app_failed") throw error;
    const lines = await readLastLines(controlPlane, app);
    // What the control plane itself says may have them already.
    if (lines.length === 0 || error.message.includes(lines.at(-1) ?? "")) throw error;
    throw new FlyteError("app_failed", `${error.message}\nIt wrote last:\n${lines.join("\n")}`, {
      cause: error,
    });
  }
}

async function readLastLines(
  controlPlane: ControlPlane,
  { name, project, domain }: AppRef,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const app = { name, ...(project && { project }), ...(domain && { domain }) };
  try {
    for await (const { message } of controlPlane.apps.logs(app, {
      follow: false,
      timeoutMs: longestMs,
    })) {
      lines.push(message);
      if (lines.length > mostLines) lines.shift();
    }
  } catch {
    // The failure is what matters; the lines are an extra.
  }
  return lines;
}
