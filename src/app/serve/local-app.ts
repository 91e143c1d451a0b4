import { isIPv6 } from "node:net";
import { FlyteError } from "../../shared/errors.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import type { AppHandle, ToggleOptions } from "./app-handle.ts";
import type { RunningApp } from "./child-server.ts";
import { type AppLaunch, launchApp } from "./launch-app.ts";
import { isHealthy, probeHealth, untilHealthy } from "./probe-health.ts";
import type { ServeSettings } from "./serve-options.ts";
import { addServed, assertNotServed, removeServed, type ServedApp } from "./served-apps.ts";

/** Hosts that stand for every address of a machine; clients need one that is one. */
const everyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** How an app is to be served. */
export interface LocalAppParts extends Pick<AppLaunch, "port" | "settings" | "parameters"> {
  readonly dependencies: readonly LocalApp[];
}

/** An app that runs on this machine: inside this process, or as a child of it. */
export class LocalApp implements AppHandle, ServedApp {
  readonly environment: AppEnvironment;
  readonly #settings: ServeSettings;
  readonly #parameters: AppLaunch["parameters"];
  readonly #dependencies: readonly LocalApp[];
  /** The apps that run only with this one. */
  readonly #holders: Set<LocalApp> = new Set();
  /** Whether it runs for its own sake too. */
  #wanted = false;
  /** 0 before the first start on a free port; the port stays the same from then on. */
  #port: number;
  #running: RunningApp | undefined;
  /** Ends a start that is not wanted any more, and tells a running app that it is to stop. */
  #unwanted: AbortController = new AbortController();
  /** Starts and stops come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    environment: AppEnvironment,
    { port, settings, parameters, dependencies }: LocalAppParts,
  ) {
    this.environment = environment;
    this.#port = port;
    this.#settings = settings;
    this.#parameters = parameters;
    this.#dependencies = dependencies;
  }

  get name(): string {
    return this.environment.name;
  }

  get endpoint(): string {
    const { host } = this.#settings;
    const address = everyAddress[host] ?? host;
    return `http://${isIPv6(address) ? `[${address}]` : address}:${this.#port}`;
  }

  get url(): string {
    return this.endpoint;
  }

  async isActive(): Promise<boolean> {
    const running = this.#running;
    if (running === undefined || running.ended.aborted) return false;
    return isHealthy(await probeHealth(this.#question()));
  }

  async isDeactivated(): Promise<boolean> {
    return this.#running === undefined || this.#running.ended.aborted;
  }

  async activate({ wait = true }: ToggleOptions = {}, signal?: AbortSignal): Promise<void> {
    this.#wanted = true;
    try {
      await this.#inTurn(() => this.#start(wait, signal));
    } catch (error) {
      this.#wanted = false;
      throw error;
    }
  }

  async deactivate({ wait = true }: ToggleOptions = {}): Promise<void> {
    this.#wanted = false;
    this.#refuse();
    const stopped = this.#inTurn(() => this.#stop());
    if (wait) await stopped;
    else stopped.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.deactivate();
  }

  kill(): void {
    this.#running?.kill();
  }

  /** Runs for the sake of another app. */
  async hold(holder: LocalApp, signal: AbortSignal | undefined): Promise<void> {
    await this.#inTurn(() => this.#start(true, signal));
    this.#holders.add(holder);
  }

  async release(holder: LocalApp): Promise<void> {
    if (!this.#holders.delete(holder) || this.#wanted || this.#holders.size > 0) return;
    await this.#inTurn(() => this.#stop());
  }

  #refuse(): void {
    this.#unwanted.abort(new FlyteError("canceled", `The app "${this.name}" was deactivated.`));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #start(wait: boolean, signal: AbortSignal | undefined): Promise<void> {
    if (this.#running?.ended.aborted === true) await this.#stop();
    if (this.#running !== undefined) {
      if (wait) await this.#untilHealthy(this.#running, signal);
      return;
    }
    signal?.throwIfAborted();
    assertNotServed(this);
    this.#unwanted = new AbortController();
    try {
      for (const dependency of this.#dependencies) await dependency.hold(this, signal);
      const running = await this.#launch(signal);
      this.#running = running;
      this.#port = running.port;
      addServed(this);
      if (wait) await this.#untilHealthy(running, signal);
      this.#tellOfEnd(running);
    } catch (error) {
      await this.#stop().catch(() => undefined); // The first error is the one to be told.
      throw error;
    }
  }

  /** Children have written themselves what ended them. */
  #tellOfEnd({ ended }: RunningApp): void {
    if (this.environment.server === undefined) return;
    ended.addEventListener("abort", () => {
      const reason = ended.reason instanceof Error ? ended.reason.message : String(ended.reason);
      this.#settings.onOutput(Buffer.from(`${reason}\n`));
    });
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#refuse();
    try {
      await running?.stop(this.#settings.deactivateTimeoutMs);
    } finally {
      this.#running = undefined;
      removeServed(this);
      for (const dependency of this.#dependencies.toReversed()) await dependency.release(this);
    }
  }

  async #launch(given: AbortSignal | undefined): Promise<RunningApp> {
    const { environment } = this;
    const { signal } = this.#unwanted;
    const launch = {
      environment,
      parameters: this.#parameters,
      port: this.#port,
      settings: this.#settings,
      signal,
    };
    const refuse = (): void => this.#unwanted.abort(given?.reason);
    given?.addEventListener("abort", refuse);
    try {
      return await launchApp(launch);
    } finally {
      given?.removeEventListener("abort", refuse);
    }
  }

  #untilHealthy(running: RunningApp, signal: AbortSignal | undefined): Promise<void> {
    const { activateTimeoutMs, probeIntervalMs } = this.#settings;
    return untilHealthy({
      ...this.#question(),
      app: this.name,
      longestMs: activateTimeoutMs,
      intervalMs: probeIntervalMs,
      signals: [running.ended, this.#unwanted.signal, signal],
    });
  }

  #question() {
    const { healthPath, probeTimeoutMs } = this.#settings;
    return { url: `${this.endpoint}${healthPath}`, timeoutMs: probeTimeoutMs };
  }
}
