import type { AuthType } from "./auth/auth-type.ts";

/** What every way of connecting takes. What is left out comes from environment, file, default. */
export interface ConnectOptions {
  /**
   * Where the control plane listens: `host[:port]`, `dns:///host[:port]`, `https://host[:port]` or
   * `http://host[:port]`.
   *
   * @default `_U_EP_OVERRIDE`, `FLYTE_ENDPOINT`, `admin.endpoint`
   */
  readonly endpoint?: string | undefined;
  /** @default the API key's, else the first label of a host name of more than two labels */
  readonly org?: string | undefined;
  /** Project of calls that name none. */
  readonly project?: string | undefined;
  /** Domain of calls that name none. */
  readonly domain?: string | undefined;
  /** Plain text for an endpoint without `http://` or `https://`. @default false */
  readonly insecure?: boolean | undefined;
  /** Allows plain text to a host that is not this machine. @default false */
  readonly allowPlaintext?: boolean | undefined;
  /** Trusts any certificate of the control plane. @default false */
  readonly insecureSkipVerify?: boolean | undefined;
  /** PEM file with the only certificate authorities to trust. @default those of Node.js */
  readonly caCertFile?: string | undefined;
  /** Program, run without a shell, whose output is sent as `proxy-authorization: Bearer …`. */
  readonly proxyCommand?: readonly string[] | undefined;
  /** Base of the pages that `url` fields point to. @default `console.endpoint`, else the endpoint */
  readonly consoleUrl?: string | undefined;
  /**
   * Domain of project `system` in which the task `build-image` is deployed.
   *
   * @default `FLYTE_IMAGEBUILDER_TASK_DOMAIN`, else `production`
   */
  readonly imageBuilderDomain?: string | undefined;
  /** Longest time for one call, its retries included. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call that only reads is tried again after a passing failure. @default 3 */
  readonly retries?: number | undefined;
  /** The configuration file, or false for none. @default the first in Flyte's search order */
  readonly configFile?: string | false | undefined;
  /** Told of likely typing errors in the file and how to sign in. @default writes to stderr */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Where configuration is looked for. @default this process */
  readonly surroundings?: SurroundingsOptions | undefined;
}

/** The parts of a process that configuration depends on. */
export interface SurroundingsOptions {
  /** @default `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default `process.cwd()` */
  readonly cwd?: string | undefined;
  /** @default the user's home directory */
  readonly home?: string | undefined;
  /** Whether a person can be asked to sign in. @default whether stderr is a terminal */
  readonly interactive?: boolean | undefined;
}

/** How to connect when only callers have credentials. */
export interface PassthroughInitOptions extends ConnectOptions {
  /**
   * Accepts a control plane that serves calls without a credential, such as a devbox with
   * `--allow-anonymous`.
   *
   * @default false
   */
  readonly allowAnonymous?: boolean | undefined;
  /** Whether the control plane is asked at the start if it is there and refuses strangers. @default true */
  readonly check?: boolean | undefined;
}

/** How to connect, and with which credential of one's own. */
export interface InitOptions extends ConnectOptions {
  /**
   * An API key: client credentials with their endpoint, or a bearer token such as the devbox's.
   *
   * @default `FLYTE_API_KEY`, `_UNION_EAGER_API_KEY`, `EAGER_API_KEY`
   */
  readonly apiKey?: string | undefined;
  /** @default `ClientSecret` or `ExternalCommand` when their parts are given, else `Pkce` */
  readonly authType?: AuthType | undefined;
  /** Program of `ExternalCommand` and its arguments, run without a shell; it prints a token. */
  readonly command?: readonly string[] | undefined;
  /** OAuth client. @default the public client that the control plane names */
  readonly clientId?: string | undefined;
  /** Secret of `ClientSecret`. */
  readonly clientSecret?: string | undefined;
  /** Scopes to ask for. @default those the control plane names */
  readonly scopes?: readonly string[] | undefined;
  /** Proxy of the requests to the identity provider. */
  readonly httpProxyUrl?: string | undefined;
}
