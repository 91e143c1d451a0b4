import type { ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { connect } from "../connection.ts";
import { allowlistsOf, checkAllowlist } from "../doctor/check-allowlist.ts";
import { checkCaller, checkServices } from "../doctor/check-caller.ts";
import { checkInspect, type InspectSettings } from "../doctor/check-inspect.ts";
import { checkServer } from "../doctor/check-server.ts";
import { type Finding, ok, problem } from "../doctor/finding.ts";
import { exitCodes } from "../exit-codes.ts";
import { loadEnvironment } from "../load-environment.ts";
import type { ConnectionOptions } from "../options.ts";
import { print, printJson } from "../output.ts";

interface DoctorOptions extends ConnectionOptions {
  readonly taskAllowlist?: readonly string[];
  readonly appAllowlist?: readonly string[];
  readonly triggerAllowlist?: readonly string[];
  readonly allowAnonymous?: boolean;
}

const signs: Readonly<Record<Finding["level"], string>> = {
  ok: "ok",
  warning: "WARNING",
  problem: "PROBLEM",
  skipped: "skipped",
};

/** `flyte-webhook doctor [FILE] [NAME]`: what could keep a webhook from working, and how to mend it. */
export async function doctor(
  file: string | undefined,
  name: string | undefined,
  options: DoctorOptions,
): Promise<void> {
  const lists = file === undefined ? options : await settingsOfFile(file, name);
  const findings: Finding[] = [];
  for await (const finding of examine(options, lists)) {
    findings.push(finding);
    if (options.json !== true) print(toLine(finding));
  }
  if (options.json === true) printJson(findings.map((finding) => ({ ...finding })));
  if (findings.some(({ level }) => level === "problem")) process.exitCode = exitCodes.runFailed;
}

function toLine({ check, level, text }: Finding): string {
  return `${signs[level].padEnd(8)} ${check.padEnd(18)} ${text}`;
}

type Lists = Parameters<typeof allowlistsOf>[1] & InspectSettings;

/** What a webhook that a file exports says; nothing where the app is another one. */
async function settingsOfFile(file: string, name: string | undefined): Promise<Lists> {
  const { environment } = await loadEnvironment(file, name);
  const { taskAllowlist, appAllowlist, triggerAllowlist, endpoints, inspectors } =
    environment as Lists; // of a webhook
  return { taskAllowlist, appAllowlist, triggerAllowlist, endpoints, inspectors };
}

async function* examine(options: DoctorOptions, lists: Lists): AsyncGenerator<Finding> {
  yield ok("node", process.version);
  yield* checkInspect(lists);
  let controlPlane: ControlPlane;
  try {
    controlPlane = await connect(options);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    yield problem("configuration", error.message);
    return;
  }
  try {
    const { allowAnonymous = false } = options;
    if (!(yield* checkServer(controlPlane, { allowAnonymous }))) return;
    if (!(yield* checkCaller(controlPlane))) return;
    yield* checkServices(controlPlane);
    const { project = "", domain = "" } = controlPlane;
    for (const list of allowlistsOf(controlPlane, lists)) {
      yield* checkAllowlist(list, { project, domain });
    }
  } finally {
    await controlPlane.close();
  }
}
