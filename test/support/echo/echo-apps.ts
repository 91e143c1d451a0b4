import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AppService, Spec_DesiredState, Status_DeploymentStatus } from "../../../src/idl/apps.ts";
import type { See } from "./seen-call.ts";

export interface EchoApp {
  readonly phase: keyof typeof Status_DeploymentStatus;
  readonly endpoint: string;
  readonly message: string;
  readonly desired: Spec_DesiredState;
  readonly revision: number;
  /** Of the last switch. */
  readonly reason: string;
  /** Stays on its way when it is switched, until it is set again. */
  readonly slow: boolean;
}

const active: EchoApp = {
  phase: "ACTIVE",
  endpoint: "https://my-app.example.com",
  message: "",
  desired: Spec_DesiredState.STARTED,
  revision: 3,
  reason: "",
  slow: false,
};
const sleeping: EchoApp = { ...active, phase: "STOPPED", desired: Spec_DesiredState.STOPPED };

interface AppId {
  readonly org: string;
  readonly project: string;
  readonly domain: string;
  readonly name: string;
}

const folder = "/echo-app/";

/** What `echo-app` answers at these paths, whatever it is asked. */
const plainAnswers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  text: [200, "plain text"],
  nothing: [204, ""],
  moved: [302, "elsewhere"],
  broken: [418, 'no "coffee" here'],
};

/**
 * Apps by name, the same in every project: `my-app` is active and `sleeping-app` is stopped. A
 * switch takes effect at once, for slow apps when they are set again. `echo-app` can be called: it
 * tells the request as JSON, except at `/text`, `/nothing`, `/moved` and `/broken`.
 */
export class EchoApps {
  readonly #apps = new Map<string, EchoApp>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  /** Where the control plane itself listens. */
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
    this.reset();
  }

  reset(): void {
    this.#apps.clear();
    this.#apps.set("my-app", active);
    this.#apps.set("sleeping-app", { ...sleeping, endpoint: "https://sleeping-app.example.com" });
    this.#apps.set("echo-app", { ...active, endpoint: folder });
  }

  /** Changes an app and tells its watchers; a new one is active. */
  set(name: string, app: Partial<EchoApp>): void {
    this.#apps.set(name, { ...active, ...this.#apps.get(name), ...app });
    this.#changes.emit(name);
  }

  get(name: string): EchoApp | undefined {
    return this.#apps.get(name);
  }

  /** Subscriptions that are open. */
  watchers(name: string): number {
    return this.#changes.listenerCount(name);
  }

  /** Settles when somebody begins to watch an app. */
  async nextWatch(name: string): Promise<void> {
    await once(this.#changes, `watch ${name}`);
  }

  /** Settles when nobody watches an app any more. */
  async unwatched(name: string): Promise<void> {
    while (this.#changes.listenerCount(name) > 0) await once(this.#changes, `unwatch ${name}`);
  }

  serve(router: ConnectRouter, see: See): void {
    router.service(AppService, {
      get: ({ identifier }, context) => {
        see("getApp", context);
        return { app: this.#message(identifier.value as AppId) };
      },
      list: ({ filterBy }, context) => {
        see("listApps", context);
        const { name: project = "", domain = "" } =
          filterBy.case === "project" ? filterBy.value : {};
        const ids = [...this.#apps.keys()].map((name) => ({ org: "", project, domain, name }));
        return { apps: ids.map((id) => this.#message(id)) };
      },
      update: ({ app, reason }, context) => {
        see("updateApp", context);
        const id = app?.metadata?.id as AppId;
        const { slow, revision } = this.#find(id.name);
        const desired = app?.spec?.desiredState ?? 0;
        const settled = desired === Spec_DesiredState.STOPPED ? "STOPPED" : "ACTIVE";
        const phase = slow ? "DEPLOYING" : settled;
        this.set(id.name, { desired, phase, reason, revision: revision + 1 });
        return { app: this.#message(id) };
      },
      watch: ({ target }, context) => {
        see("watchApp", context);
        return this.#watch(target.value as AppId, context.signal);
      },
    });
  }

  /** Answers for `echo-app`, if the request is one for it. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = "" } = request;
    if (!url.startsWith(folder)) return false;
    const plain = plainAnswers[url.slice(folder.length)];
    if (plain !== undefined) {
      const [status, text] = plain;
      response.statusCode = status;
      response.setHeader("content-type", "text/plain").setHeader("location", "/nowhere").end(text);
      return true;
    }
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks).toString();
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method, url, body }));
    });
    return true;
  }

  async *#watch(id: AppId, signal: AbortSignal) {
    try {
      for (let told = 0; ; told += 1) {
        const changed = once(this.#changes, id.name, { signal });
        changed.catch(() => undefined);
        const updatedApp = this.#message(id);
        if (told === 0) this.#changes.emit(`watch ${id.name}`);
        yield { event: { case: "updateEvent" as const, value: { updatedApp } } };
        await changed;
      }
    } finally {
      this.#changes.emit(`unwatch ${id.name}`);
    }
  }

  #find(name: string): EchoApp {
    const app = this.#apps.get(name);
    if (app === undefined) throw new ConnectError(`no app ${name} in shard 7`, Code.NotFound);
    return app;
  }

  #message(id: AppId) {
    const { phase, endpoint, message, desired, revision } = this.#find(id.name);
    const { org, project, domain, name } = id;
    const deploymentStatus = Status_DeploymentStatus[phase];
    return {
      metadata: { id: { org, project, domain, name }, revision: BigInt(revision) },
      spec: { desiredState: desired },
      status: {
        ingress: { publicUrl: endpoint === folder ? `${this.#url()}${folder}` : endpoint },
        conditions: [{ deploymentStatus, message, revision: BigInt(revision) }],
      },
    };
  }
}
