import type { Scope } from "./control-plane.ts";

/** An app as it is deployed. Project and domain default to those of the control plane. */
export interface AppSpec extends Partial<Scope> {
  /** Up to 63 letters, digits and hyphens. */
  readonly name: string;
  /** What kind of app it is, for the console. */
  readonly type?: string;
  readonly description?: string;
  readonly container: AppContainer;
  /** The fewest and the most replicas. */
  readonly replicas: readonly [min: number, max: number];
  /** What one replica is meant to bear. @default the control plane's choice */
  readonly metric?: { readonly concurrency: number } | { readonly requestRate: number };
  /** @default the control plane's choice */
  readonly scaledownAfterMs?: number;
  readonly subdomain?: string;
  readonly customDomain?: string;
  readonly requiresAuth: boolean;
  readonly secrets: readonly AppSecret[];
  readonly links: readonly {
    readonly path: string;
    readonly title: string;
    readonly isRelative: boolean;
  }[];
  readonly requestTimeoutMs?: number;
  readonly clusterPool: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its code lies, for control planes that keep it. */
  readonly codeBundleUri?: string;
  readonly inputs: readonly AppInput[];
}

export interface AppContainer {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly portName?: string;
  /** Amounts in Kubernetes' notation. */
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

export interface AppSecret {
  readonly key: string;
  readonly group?: string;
  /** The variable that holds it; a file without one. */
  readonly asEnvVar?: string;
}

/** A value, or another app whose address is meant. */
export type AppInput = { readonly name: string } & (
  | { readonly value: string }
  | { readonly app: string }
);
