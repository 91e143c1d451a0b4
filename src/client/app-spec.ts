import type { Scope } from "./control-plane.ts";

/** An app as it is deployed. Project and domain default to those of the control plane. */
export interface AppSpec extends Partial<Scope> {
  /** Up to 63 letters, digits and hyphens; many control planes take no more than 30. */
  readonly name: string;
  /** What kind of app it is, for the console. */
  readonly type?: string;
  /** Of a description, control planes take 100 characters: the rest is cut off. */
  readonly description?: string;
  readonly container: AppContainer;
  /** The fewest and the most replicas. */
  readonly replicas: readonly [min: number, max: number];
  /** What one replica is meant to bear. @default the control plane's choice */
  readonly metric?: { readonly concurrency: number } | { readonly requestRate: number };
  /** How long traffic has to be less before replicas end. @default the control plane's choice */
  readonly scaledownAfterMs?: number;
  /** First label of the public address. @default the one it has, else the control plane's choice */
  readonly subdomain?: string;
  /** A host name of one's own. @default the one it has */
  readonly customDomain?: string;
  /** Whether the control plane lets callers with a credential through only. */
  readonly requiresAuth: boolean;
  readonly secrets: readonly AppSecret[];
  readonly links: readonly AppLink[];
  /** Longest time for one request. @default the control plane's own limit */
  readonly requestTimeoutMs?: number;
  /** Machines it runs on. */
  readonly clusterPool: string;
  /** An app keeps the labels it has where this is empty. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where its code lies, for control planes that keep it. */
  readonly codeBundleUri?: string;
  /** Address of its sources, shown with it. */
  readonly sourceLink?: string;
  readonly inputs: readonly AppInput[];
  /** Version of the package that the app was written with. */
  readonly packageVersion?: string;
}

export interface AppContainer {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly portName?: string;
  /** What a replica is given. */
  readonly requests: AppResources;
  /** The most that a replica may use. */
  readonly limits: AppResources;
  /** Which accelerator, by its name on the cluster, for example `nvidia-l4`. */
  readonly gpuDevice?: string;
}

/** Amounts in Kubernetes' notation: `500m`, `512Mi`, `1`. */
export interface AppResources {
  readonly cpu?: string;
  readonly memory?: string;
  readonly gpu?: string;
  readonly disk?: string;
}

/** A link on an app's page in the console. */
export interface AppLink {
  /** A path of the app, or an address. */
  readonly path: string;
  readonly title: string;
  readonly isRelative: boolean;
}

export interface AppSecret {
  readonly key: string;
  readonly group?: string;
  /** The variable that holds it; a file without one. */
  readonly asEnvVar?: string;
}

/** A value that is not empty, or another app of the same project and domain whose address is meant. */
export type AppInput = { readonly name: string } & (
  | { readonly value: string }
  | { readonly app: string }
);
