import { type AuthMetadata, currentAuthMetadata } from "../auth-metadata.ts";
import type { AuthChoice } from "../config/choose-auth.ts";
import type { Authenticator } from "../options.ts";
import { asPassthrough, passthroughAuthenticator } from "../passthrough-authenticator.ts";
import type { AuthContext } from "./auth-context.ts";
import { bearerAuthenticator } from "./bearer.ts";
import { createTokenAuthenticator, type TokenSource } from "./token-authenticator.ts";

export interface CreateAuthenticatorOptions {
  readonly choice: AuthChoice;
  readonly context: AuthContext;
  /** Reads the client secret of `ClientSecret`. */
  readonly readSecret: () => Promise<string>;
  /** Program whose output is sent as `proxy-authorization: Bearer …`. */
  readonly proxyCommand?: readonly string[] | undefined;
}

/**
 * The authenticator of a choice; its code is loaded with the first call. Headers that
 * `authMetadata` bound to the running request go before it, and a refusal of those is the
 * caller's affair.
 */
export function createAuthenticator(options: CreateAuthenticatorOptions): Authenticator {
  const { choice, proxyCommand, context } = options;
  const own = callerFirst(createOwn(options));
  const authenticator = proxyCommand === undefined ? own : withProxy(own, proxyCommand, context);
  return choice.type === "Passthrough" ? asPassthrough(authenticator) : authenticator;
}

function callerFirst(own: Authenticator): Authenticator {
  const callers = new WeakSet<AuthMetadata>();
  return {
    headers(signal) {
      const bound = currentAuthMetadata();
      if (bound === undefined) return own.headers(signal);
      callers.add(bound);
      return bound;
    },
    async refresh(rejected, signal) {
      if (rejected !== undefined && callers.has(rejected)) return false;
      return (await own.refresh?.(rejected, signal)) ?? false;
    },
  };
}

function createOwn({ choice, context, readSecret }: CreateAuthenticatorOptions): Authenticator {
  if (choice.type === "Passthrough") return passthroughAuthenticator;
  if (choice.type === "Bearer") return bearerAuthenticator(choice.token);
  return createTokenAuthenticator(
    lazily(() => loadSource(choice, context, readSecret)),
    context.now,
  );
}

async function loadSource(
  choice: Exclude<AuthChoice, { readonly type: "Bearer" | "Passthrough" }>,
  context: AuthContext,
  readSecret: () => Promise<string>,
): Promise<TokenSource> {
  switch (choice.type) {
    case "ClientSecret": {
      const { createClientSecretSource } = await import("./client-secret.ts");
      const { clientId, scopes } = choice;
      return createClientSecretSource({ clientId, scopes, readSecret }, context);
    }
    case "ExternalCommand": {
      const { createExternalCommandSource } = await import("./external-command.ts");
      return createExternalCommandSource(choice.command);
    }
    case "DeviceFlow": {
      const { createDeviceFlowSource } = await import("./device-flow.ts");
      return createDeviceFlowSource(choice, context);
    }
    default: {
      const { createPkceSource } = await import("./pkce.ts");
      return createPkceSource(choice, context);
    }
  }
}

function lazily(load: () => Promise<TokenSource>): TokenSource {
  let source: TokenSource | undefined;
  return {
    async getToken(request) {
      source ??= await load();
      return source.getToken(request);
    },
    headerName: () => source?.headerName?.() ?? "authorization",
  };
}

/** Adds the credential of a proxy in front of the control plane. */
function withProxy(
  inner: Authenticator,
  command: readonly string[],
  context: AuthContext,
): Authenticator {
  const proxy = createTokenAuthenticator(
    lazily(async () => {
      const { createExternalCommandSource } = await import("./external-command.ts");
      const source = createExternalCommandSource(command);
      return { ...source, headerName: () => "proxy-authorization" };
    }),
    context.now,
  );
  interface Parts {
    readonly own: AuthMetadata | undefined;
    readonly added: AuthMetadata | undefined;
  }
  const partsOf = new WeakMap<AuthMetadata, Parts>();
  return {
    async headers(signal) {
      const [own, added] = await Promise.all([inner.headers(signal), proxy.headers(signal)]);
      const headers: AuthMetadata = [...(own ?? []), ...(added ?? [])];
      partsOf.set(headers, { own, added });
      return headers;
    },
    async refresh(rejected, signal) {
      const parts = rejected && partsOf.get(rejected);
      // Which of the two was refused is not told, so both are renewed.
      const renewed = await Promise.all([
        inner.refresh?.(parts?.own, signal),
        proxy.refresh?.(parts?.added, signal),
      ]);
      return renewed.includes(true);
    },
  };
}
