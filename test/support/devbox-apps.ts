import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Devbox } from "../../src/devbox/index.ts";
import { AppLogsService } from "../../src/idl/app-logs.ts";
import {
  type App,
  type AppSchema,
  AppService,
  Spec_DesiredState,
  type SpecSchema,
  Status_DeploymentStatus,
} from "../../src/idl/apps.ts";

export interface AppsClient {
  readonly apps: Client<typeof AppService>;
  readonly logs: Client<typeof AppLogsService>;
}

/** A user's way to the services of apps; without a subject, that of a stranger. */
export function connectApps(devbox: Pick<Devbox, "url" | "keys">, subject?: string): AppsClient {
  const transport = createConnectTransport({
    baseUrl: devbox.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        if (subject !== undefined) {
          request.header.set("authorization", `Bearer ${devbox.keys[subject]}`);
        }
        return next(request);
      },
    ],
  });
  return {
    apps: createClient(AppService, transport),
    logs: createClient(AppLogsService, transport),
  };
}

type Init<Shape> = Exclude<Shape, { readonly $typeName: string }>;
type AppInit = Init<MessageInitShape<typeof AppSchema>>;
type SpecInit = Init<MessageInitShape<typeof SpecSchema>>;

export interface AppOptions {
  readonly project?: string;
  readonly domain?: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: { [key: string]: string };
  readonly revision?: bigint;
  readonly state?: Spec_DesiredState;
  /** Replaces parts of the specification. */
  readonly spec?: SpecInit;
}

/** An app that is stopped unless the options say otherwise. */
export function appNamed(name: string, options: AppOptions = {}): AppInit {
  const { labels = {}, revision = 0n, env = {}, command = ["true"], args = [] } = options;
  return {
    metadata: { id: appId(name, options), labels, revision },
    spec: {
      desiredState: options.state ?? Spec_DesiredState.STOPPED,
      appPayload: {
        case: "container",
        value: {
          command,
          args,
          env: Object.entries(env).map(([key, value]) => ({ key, value })),
        },
      },
      ...options.spec,
    },
  };
}

/** An identifier in the project to start with. */
export function appId(
  name: string,
  { project = "flytesnacks", domain = "development" }: Pick<AppOptions, "project" | "domain"> = {},
): { readonly project: string; readonly domain: string; readonly name: string } {
  return { project, domain, name };
}

/** What a call answered; fails when that is nothing. */
export function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("nothing was answered");
  return value;
}

/** The name of the status that holds now. */
export function statusOf(app: App | undefined): string {
  return Status_DeploymentStatus[app?.status?.conditions.at(-1)?.deploymentStatus ?? 0] ?? "";
}

export function revisionOf(app: App | undefined): number {
  return Number(app?.metadata?.revision ?? 0n);
}

/** Options of an app that answers every request with `ok`, and prints the lines first. */
export function servingApp(...lines: readonly string[]): AppOptions {
  const script = `
    for (const line of process.argv.slice(1)) console.log(line);
    require("node:http").createServer((_, answer) => answer.end("ok")).listen(process.env.PORT);`;
  return {
    command: [process.execPath, "-e", script],
    args: [...lines],
    state: Spec_DesiredState.ACTIVE,
    spec: { autoscaling: { replicas: { min: 1, max: 1 } } },
  };
}
