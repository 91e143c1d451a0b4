import type { AppStatus } from "../../client/app-calls.ts";
import type { ControlPlane } from "../../client/control-plane.ts";
import { withLastLines } from "../deploy/last-lines.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppHandle, ToggleOptions } from "./app-handle.ts";
import { isHealthy, probeHealth } from "./probe-health.ts";
import type { ServeSettings } from "./serve-options.ts";

type RemoteSettings = Pick<ServeSettings, "healthPath" | "probeTimeoutMs"> & {
  readonly activateTimeoutMs: number;
};

/** An app that runs on a control plane. */
export class RemoteApp implements AppHandle {
  readonly environment: AppEnvironment;
  readonly #controlPlane: ControlPlane;
  readonly #settings: RemoteSettings;
  #status: AppStatus;

  constructor(
    environment: AppEnvironment,
    controlPlane: ControlPlane,
    status: AppStatus,
    settings: RemoteSettings,
  ) {
    this.environment = environment;
    this.#controlPlane = controlPlane;
    this.#status = status;
    this.#settings = settings;
  }

  get name(): string {
    return this.#status.name;
  }

  get endpoint(): string {
    return this.#status.endpoint;
  }

  get url(): string {
    return this.#status.url;
  }

  /** As the control plane tells it, and whether the endpoint answers: also by asking for a credential. */
  async isActive(): Promise<boolean> {
    const { isActive, endpoint } = await this.#read();
    if (!isActive || endpoint === "") return false;
    const { healthPath, probeTimeoutMs } = this.#settings;
    const url = new URL(healthPath, endpoint).href;
    return isHealthy(await probeHealth({ url, timeoutMs: probeTimeoutMs }));
  }

  async isDeactivated(): Promise<boolean> {
    return (await this.#read()).isDeactivated;
  }

  async activate({ wait = true }: ToggleOptions = {}): Promise<void> {
    const { apps } = this.#controlPlane;
    const activated = apps.activate(this.#status, this.#call(wait));
    this.#status = await withLastLines(this.#controlPlane, this.#status, activated);
  }

  async deactivate({ wait = true }: ToggleOptions = {}): Promise<void> {
    this.#status = await this.#controlPlane.apps.deactivate(this.#status, this.#call(wait));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.deactivate();
  }

  async #read(): Promise<AppStatus> {
    this.#status = await this.#controlPlane.apps.get(this.#status);
    return this.#status;
  }

  #call(wait: boolean) {
    return wait ? { wait, timeoutMs: this.#settings.activateTimeoutMs } : {};
  }
}
