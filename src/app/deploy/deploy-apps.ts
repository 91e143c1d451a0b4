import type { AppStatus } from "../../client/app-calls.ts";
import type { AppSpec } from "../../client/app-spec.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { upload } from "../../client/upload.ts";
import { toOneLine } from "../../shared/one-line.ts";
import type { CodeBundle } from "../bundle/pack-code.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { materializeParameters } from "../parameters/materialize-parameters.ts";
import type { Parameter } from "../parameters/parameter.ts";
import { type AppCode, CodePacker } from "./app-code.ts";
import type { DeployOptions } from "./deploy-options.ts";
import { type DeployedImage, DeployedImages } from "./deployed-images.ts";
import { withLastLines } from "./last-lines.ts";
import { type AppToDeploy, toAppSpec } from "./to-app-spec.ts";

/** An app environment and what became of it. */
export interface DeployedEnvironment {
  readonly environment: AppEnvironment;
  /** What the control plane was told. */
  readonly spec: AppSpec;
  /** The image in `spec`, and whether it is there. */
  readonly image: DeployedImage;
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

type PlannedApp = Pick<AppToDeploy, "environment" | "code"> & { readonly image: DeployedImage };

/** Deploys apps one after the other, once all their code is packed and their images are there. */
export async function deployApps(deployment: Deployment): Promise<readonly DeployedEnvironment[]> {
  const packer = new CodePacker(deployment.options);
  const codes = new Map<AppEnvironment, AppCode>();
  for (const environment of deployment.environments) {
    codes.set(environment, await packer.codeOf(environment));
  }
  const images = new DeployedImages(deployment.controlPlane, deployment.options);
  const planned: PlannedApp[] = [];
  for (const [environment, code] of codes) {
    const image = await images.find(deployment.options.image ?? environment.givenImage);
    planned.push({ environment, code, image });
  }
  const deployed: DeployedEnvironment[] = [];
  for (const app of planned) {
    deployment.options.signal?.throwIfAborted();
    deployed.push(await deployOne(deployment, app));
  }
  return deployed;
}

async function deployOne(
  { parametersOf, controlPlane, options }: Deployment,
  { environment, code, image }: PlannedApp,
): Promise<DeployedEnvironment> {
  const { name } = environment;
  const { dryRun = false, wait = false, signal, onProgress } = options;
  const parameters = await materializeParameters(parametersOf(environment), {
    app: name,
    controlPlane,
    ...(signal && { signal }),
  });
  const codeUri = "bundle" in code ? await store(code.bundle, controlPlane, options) : undefined;
  const app = { environment, code, codeUri, image: image.uri, parameters, controlPlane, options };
  const spec = await toAppSpec(app);
  if (dryRun) return { environment, spec, image, status: undefined, change: "none" };
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
      onStatus: ({ phase, message }) => tell(`is ${phase}${message && `: ${toOneLine(message)}`}`),
    }),
  );
  tell(change === "unchanged" ? "is unchanged: its description is the same" : `was ${change}`);
  return { environment, spec, image, status, change };
}

async function store(
  bundle: CodeBundle,
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
