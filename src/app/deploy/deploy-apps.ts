import type { AppStatus } from "../../client/app-calls.ts";
import type { AppSpec } from "../../client/app-spec.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { upload } from "../../client/upload.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { materializeParameters } from "../parameters/materialize-parameters.ts";
import type { Parameter } from "../parameters/parameter.ts";
import { type AppCode, CodePacker } from "./app-code.ts";
import type { DeployOptions } from "./deploy-options.ts";
import { withLastLines } from "./last-lines.ts";
import { toAppSpec } from "./to-app-spec.ts";

/** An app environment and what became of it. */
export interface DeployedEnvironment {
  readonly environment: AppEnvironment;
  /** What the control plane was told. */
  readonly spec: AppSpec;
  /** The app as the control plane has it; undefined for a dry run. */
  readonly status: AppStatus | undefined;
  /** `none` for a dry run. */
  readonly change: "created" | "updated" | "unchanged" | "none";
}

export interface Deployment {
  /** In an order in which each comes after those that it depends on. */
  readonly environments: readonly AppEnvironment[];
  /** Those of an environment, with the values that were given for them. */
  readonly parametersOf: (environment: AppEnvironment) => readonly Parameter[];
  readonly controlPlane: ControlPlane;
  readonly options: DeployOptions;
}

/** What stands for the URI of code that is not uploaded, in a dry run. */
const dryUri = "file:///dry-run/";
const longestMs = 300_000;

/** Deploys apps one after the other, once all their code is packed. */
export async function deployApps(deployment: Deployment): Promise<readonly DeployedEnvironment[]> {
  const packer = new CodePacker(deployment.options);
  const codes = new Map<AppEnvironment, AppCode>();
  for (const environment of deployment.environments) {
    codes.set(environment, await packer.codeOf(environment));
  }
  const deployed: DeployedEnvironment[] = [];
  for (const [environment, code] of codes) {
    deployment.options.signal?.throwIfAborted();
    deployed.push(await deployOne(deployment, environment, code));
  }
  return deployed;
}

async function deployOne(
  { parametersOf, controlPlane, options }: Deployment,
  environment: AppEnvironment,
  code: AppCode,
): Promise<DeployedEnvironment> {
  const { name } = environment;
  const { dryRun = false, wait = false, signal, onProgress } = options;
  const parameters = await materializeParameters(parametersOf(environment), {
    app: name,
    controlPlane,
    ...(signal && { signal }),
  });
  const codeUri = code.kind === "bundle" ? await store(code, controlPlane, options) : undefined;
  const spec = await toAppSpec({ environment, code, codeUri, parameters, controlPlane, options });
  if (dryRun) return { environment, spec, status: undefined, change: "none" };
  const tell = progressTeller(name, onProgress);
  tell("is deployed");
  const call = {
    ...(signal && { signal }),
    ...(wait && { wait, timeoutMs: options.activateTimeoutMs ?? longestMs }),
  };
  const { status, change } = await withLastLines(
    controlPlane,
    spec,
    controlPlane.apps.deploy(spec, {
      ...call,
      onStatus: ({ phase, message }) => tell(`is ${phase}${message && `: ${message}`}`),
    }),
  );
  tell(change === "unchanged" ? "is unchanged: its description is the same" : `was ${change}`);
  return { environment, spec, status, change };
}

async function store(
  { bundle }: Extract<AppCode, { kind: "bundle" }>,
  controlPlane: ControlPlane,
  { dryRun = false, project, domain, signal }: DeployOptions,
): Promise<string> {
  if (dryRun) return `${dryUri}${bundle.filename}`;
  const scope = {
    ...(project !== undefined && { project }),
    ...(domain !== undefined && { domain }),
  };
  return upload(controlPlane, bundle, scope, signal && { signal });
}

/** Tells each thing once in a row. */
function progressTeller(
  app: string,
  onProgress: ((line: string) => void) | undefined,
): (what: string) => void {
  let last: string | undefined;
  return (what) => {
    if (what !== last) onProgress?.(`App "${app}" ${what}.`.replace(/\.\.$/, "."));
    last = what;
  };
}
