import { setTimeout as sleep } from "node:timers/promises";
import { FlyteError } from "../../shared/errors.ts";
import type { AuthContext } from "./auth-context.ts";
import { discover, type OAuthMetadata } from "./discover.ts";
import { postForm } from "./post-form.ts";
import { assertInteractive, type PublicClientOptions, renewToken } from "./public-client.ts";
import { tokenRefused, toToken } from "./request-token.ts";
import { toSafeUrl } from "./safe-url.ts";
import type { Token } from "./token.ts";
import type { TokenSource } from "./token-authenticator.ts";

interface Device {
  readonly code: string;
  readonly page: string;
  readonly userCode: string;
  readonly intervalMs: number;
  readonly endsAt: number;
}

/** Signs a person in through a code typed on another device (RFC 8628), when a call is refused. */
export function createDeviceFlowSource(
  options: PublicClientOptions,
  context: AuthContext,
): TokenSource {
  let metadata: OAuthMetadata | undefined;
  return {
    headerName: () => metadata?.headerName ?? "authorization",
    async getToken({ previous, refused, signal }) {
      if (previous === undefined && !refused) return undefined;
      metadata ??= await discover(context, signal);
      const clientId = options.clientId ?? metadata.clientId;
      const renewed = await renewToken(previous, metadata, clientId, context, signal);
      if (renewed !== undefined) return renewed;
      if (!refused) return undefined;
      assertInteractive(context);
      const device = await requestDevice(metadata, clientId, options, context, signal);
      context.notify(`To sign in, open ${device.page} and enter the code ${device.userCode}`);
      return pollToken(device, metadata, clientId, context, signal);
    },
  };
}

async function requestDevice(
  metadata: OAuthMetadata,
  clientId: string,
  options: PublicClientOptions,
  context: AuthContext,
  signal: AbortSignal,
): Promise<Device> {
  const what = "device authorization endpoint";
  const scopes = options.scopes ?? metadata.scopes;
  const answer = await postForm(metadata.deviceAuthorizationEndpoint, context, {
    what,
    form: { client_id: clientId, scope: scopes.join(" "), audience: metadata.audience },
    signal,
  });
  if (!answer.ok) throw tokenRefused(answer);
  const { device_code: code, user_code: userCode, verification_uri: page } = answer.fields;
  if (typeof code !== "string" || typeof userCode !== "string" || typeof page !== "string") {
    throw new FlyteError("unavailable", `The ${what} gave no code to enter.`);
  }
  if (!/^[\x20-\x7e]{1,64}$/.test(userCode)) {
    throw new FlyteError("unavailable", `The ${what} gave a code that cannot be shown.`);
  }
  return {
    code,
    userCode,
    page: toSafeUrl(page, "verification page").href,
    intervalMs: positive(answer.fields.interval, 5) * 1000,
    endsAt: context.now() + positive(answer.fields.expires_in, 600) * 1000,
  };
}

function positive(value: unknown, preset: number): number {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : preset;
}

async function pollToken(
  device: Device,
  metadata: OAuthMetadata,
  clientId: string,
  context: AuthContext,
  signal: AbortSignal,
): Promise<Token> {
  let { intervalMs } = device;
  while (context.now() < device.endsAt) {
    await sleep(intervalMs, undefined, { signal });
    const answer = await postForm(metadata.tokenEndpoint, context, {
      what: "token endpoint",
      form: {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: device.code,
        client_id: clientId,
      },
      signal,
    });
    if (answer.ok) return toToken(answer.fields, context.now());
    if (answer.error === "slow_down") intervalMs += 5_000;
    else if (answer.error !== "authorization_pending") throw tokenRefused(answer);
  }
  throw new FlyteError("unauthenticated", "The sign-in code ran out. Try again.");
}
