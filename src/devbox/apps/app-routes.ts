import { fromBinary } from "@bufbuild/protobuf";
import { type App, AppSchema } from "../../idl/apps.ts";
import type { AppRow } from "../store/apps.ts";
import { parseHost, toAppLabel } from "./app-address.ts";

/** What the gateway has to know of an app before it lets a request through. */
export interface RoutedApp {
  readonly id: number;
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  /** Whether requests without a credential reach it. */
  readonly allowAnonymous: boolean;
  /** Longest time until its answer begins. */
  readonly requestTimeoutMs: number;
}

/** Which app a host name leads to. Kept by the runtime, asked by the gateway and the services. */
export interface AppRoutes {
  /** The app of a `Host` without its port, in any case of letters. O(1). */
  find(hostname: string): RoutedApp | undefined;
  /** The first of a row's host names that another app has. */
  taken(row: Pick<AppRow, "project" | "domain" | "name" | "app">): string | undefined;
  set(row: AppRow): void;
  delete(id: number): void;
  /** The public address of an app, for example `http://hello-flytesnacks-development.localhost:30081`. */
  publicUrl(row: Pick<AppRow, "project" | "domain" | "name">): string;
  /** The address of its custom domain; undefined without one. */
  customUrl(row: Pick<AppRow, "app">): string | undefined;
}

export interface AppRoutesOptions {
  /** Base of the public addresses, for example `http://localhost:30081`. */
  readonly gatewayUrl: string;
}

/** The time that an app has which names none, as Knative gives it. */
const defaultRequestTimeoutMs = 300_000;

/**
 * Makes routes without an app. A name that two apps want leads to the one that had it first, and to
 * the other once that is gone.
 */
export function createAppRoutes({ gatewayUrl }: AppRoutesOptions): AppRoutes {
  const { port } = new URL(gatewayUrl);
  const portSuffix = port === "" ? "" : `:${port}`;
  const owners = new Map<string, RoutedApp[]>();
  const hostsById = new Map<number, readonly string[]>();

  const forget = (id: number, keep: ReadonlySet<string> = new Set()): void => {
    for (const host of hostsById.get(id) ?? []) {
      if (keep.has(host)) continue;
      const left = (owners.get(host) ?? []).filter((owner) => owner.id !== id);
      if (left.length === 0) owners.delete(host);
      else owners.set(host, left);
    }
  };

  return {
    find: (hostname) => owners.get(hostname.toLowerCase())?.[0],
    taken: (row) =>
      hostsOf(row, decode(row)).find((host) => {
        const owner = owners.get(host)?.[0];
        return owner !== undefined && !isSame(owner, row);
      }),
    set: (row) => {
      const app = decode(row);
      const routed = toRouted(row, app);
      const hosts = hostsOf(row, app);
      forget(row.id, new Set(hosts));
      hostsById.set(row.id, hosts);
      for (const host of hosts) {
        const known = owners.get(host) ?? [];
        const at = known.findIndex(({ id }) => id === row.id);
        owners.set(host, at === -1 ? [...known, routed] : known.with(at, routed));
      }
    },
    delete: (id) => {
      forget(id);
      hostsById.delete(id);
    },
    publicUrl: (row) => `http://${toAppLabel(row)}.localhost${portSuffix}`,
    customUrl: (row) => {
      const host = readHost(decode(row).spec?.ingress?.cname ?? "");
      return host === undefined ? undefined : `http://${host}${portSuffix}`;
    },
  };
}

function decode({ app }: Pick<AppRow, "app">): App {
  return fromBinary(AppSchema, app);
}

function hostsOf(
  row: Pick<AppRow, "project" | "domain" | "name">,
  { spec }: App,
): readonly string[] {
  const { subdomain = "", cname = "" } = spec?.ingress ?? {};
  const hosts = [
    `${toAppLabel(row)}.localhost`,
    readHost(subdomain === "" ? "" : `${subdomain}.localhost`),
    readHost(cname),
  ];
  return [...new Set(hosts.filter((host) => host !== undefined))];
}

/** A host name without a port; undefined for what is none. */
function readHost(text: string): string | undefined {
  const { hostname, port } = parseHost(text) ?? {};
  return port === undefined ? hostname : undefined;
}

function isSame(a: RoutedApp, b: Pick<AppRow, "project" | "domain" | "name">): boolean {
  return a.project === b.project && a.domain === b.domain && a.name === b.name;
}

function toRouted({ id, project, domain, name }: AppRow, { spec }: App): RoutedApp {
  const { seconds = 0n, nanos = 0 } = spec?.timeouts?.requestTimeout ?? {};
  const requestTimeoutMs = Number(seconds) * 1000 + nanos / 1_000_000;
  return {
    id,
    project,
    domain,
    name,
    allowAnonymous: spec?.securityContext?.allowAnonymous === true,
    requestTimeoutMs: requestTimeoutMs > 0 ? requestTimeoutMs : defaultRequestTimeoutMs,
  };
}
