import type { AppLogLine } from "../../client/app-calls.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { print } from "../output.ts";

interface AppLogsOptions extends ConnectionOptions {
  readonly replica?: string;
  readonly follow?: boolean;
}

/** `flyte-webhook get app-logs`: what the replicas of an app wrote, and write with `--follow`. */
export async function getAppLogs(name: string, options: AppLogsOptions): Promise<void> {
  await using controlPlane = await connect(options);
  const { replica, follow = false } = options;
  const lines = controlPlane.apps.logs(
    { name },
    { follow, ...(replica !== undefined && { replica }) },
  );
  for await (const line of lines) printLine(line, options);
}

function printLine({ message, time, replica }: AppLogLine, options: AppLogsOptions): void {
  if (options.json === true) {
    print(JSON.stringify({ time: time?.toISOString() ?? null, replica, message }));
  } else if (replica === "" || options.replica !== undefined) print(message);
  else print(`${replica}  ${message}`);
}
