import type { Endpoint } from "../endpoint.ts";
import type { TlsSettings } from "../options.ts";

/** What every way to sign in needs to know of its surroundings. */
export interface AuthContext {
  readonly endpoint: Endpoint;
  readonly tls: TlsSettings;
  /** Proxy of the requests to the identity provider. */
  readonly httpProxyUrl?: string | undefined;
  /** Tells a person what to do, for example which address to open. */
  readonly notify: (text: string) => void;
  /** Opens a page for a person. @default the system's browser */
  readonly openBrowser?: ((page: URL, signal: AbortSignal) => void) | undefined;
  /** Whether a person is there to be told. */
  readonly interactive: boolean;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}
