import { isIP } from "node:net";
import { resolve } from "node:path";
import type { ControlPlane } from "../../client/control-plane.ts";
import { hasOwnCredential } from "../../client/own-credential.ts";
import { FlyteError } from "../../shared/errors.ts";
import { compileRanges } from "../../shared/public-address.ts";
import type { NamedKey } from "../hooks/providers/find-secret.ts";
import { compileTargets, type TargetRule } from "./allowed-targets.ts";
import { readCallbackKeys } from "./callback-keys.ts";
import { callbackDelaysMs } from "./retry-delay.ts";

/** Tells others of the end of runs that they asked to be told of, with the parameter `callback_url`. */
export interface CallbackOptions {
  /**
   * A control plane with a credential of its own that may read the runs: that of a caller is gone with the request.
   * Nothing but runs that were started with a `callback_url` is read with it. It is not closed with the webhook.
   */
  readonly controlPlane: ControlPlane;
  /**
   * What callbacks are signed with by Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. Several, while one
   * takes the place of another: each signs.
   */
  readonly secret: string | readonly string[];
  /**
   * Hosts that may be called back: `ci.example.com`, `*.example.com` for any name below it (not itself),
   * `https://ci.example.com:8443` for another port than 443, `http://10.0.0.5:8080` without TLS where `allowPrivate` has
   * the address.
   */
  readonly allow: readonly string[];
  /**
   * The journal: a file of this process alone, readable by its owner alone. What was answered to a caller is in it, and is
   * told after a crash or restart. It holds addresses of receivers, which may be secrets.
   */
  readonly file: string;
  /**
   * Ranges of private addresses (CIDR) at which hosts of `allow` may be: loopback, 10/8, 172.16/12, 192.168/16,
   * 100.64/10, fc00::/7. No other address that is not public can be allowed.
   *
   * @default none
   */
  readonly allowPrivate?: readonly string[];
  /** Whether receivers get what runs gave, which may be secret. @default false */
  readonly outputs?: boolean;
  /** Longest time of an attempt, in milliseconds. @default 15000 */
  readonly timeoutMs?: number;
  /**
   * Pauses after each attempt but the last, in milliseconds, each a fifth longer or shorter by chance.
   *
   * @default 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 6 h, 8 h: eleven attempts within a day
   */
  readonly retryDelaysMs?: readonly number[];
  /** Most callbacks that wait for their runs; requests with one more are answered 503. @default 10000 */
  readonly maxPending?: number;
}

/** The same, checked. */
export interface ResolvedCallbacks {
  readonly controlPlane: ControlPlane;
  readonly keys: readonly NamedKey<Uint8Array>[];
  readonly targetFault: TargetRule;
  readonly isPrivateAllowed: (address: string) => boolean;
  /** Absolute. */
  readonly file: string;
  readonly outputs: boolean;
  readonly timeoutMs: number;
  readonly retryDelaysMs: readonly number[];
  readonly maxPending: number;
}

const longestMs = 86_400_000;

/** @throws FlyteError `invalid_config` naming the option, the rule and the remedy */
export function resolveCallbacks(
  options: CallbackOptions | undefined,
): ResolvedCallbacks | undefined {
  if (options === undefined) return undefined;
  const { controlPlane, secret, file, allowPrivate = [], outputs = false } = options;
  const { timeoutMs = 15_000, retryDelaysMs = callbackDelaysMs, maxPending = 10_000 } = options;
  checkControlPlane(controlPlane);
  const keys = readCallbackKeys(secret);
  if (typeof file !== "string" || file === "") {
    throw invalid("file must be the path of a file that this process alone writes.");
  }
  if (typeof outputs !== "boolean") throw invalid("outputs must be true or false.");
  checkRanges(allowPrivate);
  checkNumber("timeoutMs", timeoutMs, 1, 60_000);
  checkNumber("maxPending", maxPending, 1, 1_000_000);
  if (!Array.isArray(retryDelaysMs) || retryDelaysMs.length > 100) {
    throw invalid("retryDelaysMs must be a list of at most 100 pauses in milliseconds.");
  }
  for (const delay of retryDelaysMs) checkNumber("retryDelaysMs", delay, 0, longestMs);
  return {
    ...{ controlPlane, keys, outputs, timeoutMs, maxPending },
    targetFault: compileTargets(checkedAllow(options.allow), allowPrivate.length > 0),
    isPrivateAllowed: compileRanges(allowPrivate),
    file: resolve(file),
    retryDelaysMs: [...retryDelaysMs],
  };
}

/** @param own the control plane of the webhook, called with the credentials of its callers */
export function refuseOwnControlPlane(
  callbacks: ResolvedCallbacks | undefined,
  own: ControlPlane,
): void {
  if (callbacks?.controlPlane === own) throw withoutCredential();
}

function checkControlPlane(controlPlane: ControlPlane): void {
  let actsAsItself = false;
  try {
    actsAsItself = hasOwnCredential(controlPlane);
  } catch {
    // Of another making, of which nothing is known.
  }
  if (!actsAsItself) throw withoutCredential();
}

function withoutCredential(): FlyteError {
  return invalid(
    "controlPlane must be one with a credential of its own that may read runs: that of a caller is gone when a run ends. Give one that init or createControlPlane made with a credential.",
  );
}

function checkedAllow(allow: unknown): readonly string[] {
  if (Array.isArray(allow) && allow.length > 0) return allow;
  throw invalid(
    "allow must list the hosts that may be called back, such as ci.example.com: without it strangers could make this webhook call anybody.",
  );
}

function checkRanges(ranges: unknown): void {
  for (const range of Array.isArray(ranges) ? ranges : [ranges]) {
    const [, address = "", bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(String(range)) ?? [];
    const most = { 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const given = Number(bits ?? most);
    if (most > 0 && given >= 1 && given <= most) continue;
    throw invalid(
      `allowPrivate has ${JSON.stringify(range)}, which is no range of addresses. Write for example 10.0.0.0/8.`,
    );
  }
}

function checkNumber(name: string, value: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most) return;
  throw invalid(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}.`);
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_config", `callbacks.${message}`);
}
