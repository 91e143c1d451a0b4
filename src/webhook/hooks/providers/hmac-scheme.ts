import { createHmac } from "node:crypto";
import { FlyteError } from "../../../shared/errors.ts";
import type { HookSecrets } from "../hook.ts";
import type { RawDelivery, UnsignedDelivery } from "../provider.ts";
import { findSecret, type NamedKey } from "./find-secret.ts";
import { readSecrets } from "./hook-secrets.ts";
import { provingHeader, refuse } from "./reading-fault.ts";
import {
  checkAge,
  parseSeconds,
  resolveTolerance,
  type ToleranceOptions,
  toSeconds,
} from "./sent-at.ts";
import { readSignedTemplate, type SignedTemplate } from "./signed-template.ts";

/** How somebody signs who follows no standard. */
export interface HmacScheme extends ToleranceOptions {
  /** The key of the HMAC, as text; several, while one takes the place of another. At least 16 characters each. */
  readonly secret: HookSecrets;
  /** The header with the signature: `x-signature`. */
  readonly header: string;
  /** @default "sha256" */
  readonly algorithm?: "sha256" | "sha512";
  /** How the signature is written: hexadecimal digits in lower case, or base64. @default "hex" */
  readonly encoding?: "hex" | "base64";
  /** What stands before the signature: `sha256=`. @default "" */
  readonly prefix?: string;
  /** A header with the time of the signature, in seconds since 1970. Without one, old deliveries can be sent again. */
  readonly timestampHeader?: string;
  /** A header with an id that stays the same when a delivery is sent again. Without one, each delivery is a new one. */
  readonly idHeader?: string;
  /**
   * What is signed: a text with `{body}`, and with `{timestamp}` and `{id}` where there are headers for them.
   *
   * @default "{timestamp}.{body}" with a `timestampHeader`, else "{body}"
   */
  readonly signed?: string;
}

/** What an HMAC has proved. */
export interface HmacProof {
  readonly secret: string;
  readonly id: string | undefined;
  readonly sentAt: Date | undefined;
}

export interface HmacVerifier {
  /** Gives up what is not proved. */
  verify(delivery: RawDelivery): HmacProof;
  sign(delivery: UnsignedDelivery): Readonly<Record<string, string>>;
}

interface Resolved {
  readonly header: string;
  readonly timestampHeader: string | undefined;
  readonly idHeader: string | undefined;
  readonly toleranceMs: number;
  readonly keys: readonly NamedKey<string>[];
  readonly template: SignedTemplate;
  readonly write: (key: string, content: Uint8Array) => string;
}

/** @throws FlyteError `invalid_config` naming the hook, the option and the rule */
export function createHmacVerifier(hook: string, scheme: HmacScheme): HmacVerifier {
  const { algorithm = "sha256", encoding = "hex", prefix = "" } = scheme;
  assertChoice(hook, "algorithm", algorithm, ["sha256", "sha512"]);
  assertChoice(hook, "encoding", encoding, ["hex", "base64"]);
  const secrets = readSecrets(scheme.secret, { hook, source: "the sender's settings" });
  const resolved: Resolved = {
    header: headerName(hook, "header", scheme.header),
    timestampHeader: optionalHeader(hook, "timestampHeader", scheme.timestampHeader),
    idHeader: optionalHeader(hook, "idHeader", scheme.idHeader),
    toleranceMs: resolveTolerance(hook, scheme),
    keys: secrets.map(({ name, text }) => ({ name, key: text })),
    template: readSignedTemplate(hook, scheme),
    write: (key, content) =>
      `${prefix}${createHmac(algorithm, key).update(content).digest(encoding)}`,
  };
  return {
    verify: (delivery) => verify(delivery, resolved),
    sign: (delivery) => sign(delivery, resolved),
  };
}

const visible = /^[\x21-\x7e]{1,256}$/;

/** What stands in a signed text beside other parts must not look like one of them. */
const word = /^[\w-]{1,256}$/;

function verify(delivery: RawDelivery, scheme: Resolved): HmacProof {
  const { header, timestampHeader, idHeader, toleranceMs, keys, template, write } = scheme;
  const given = provingHeader(delivery, header);
  const timestamp =
    timestampHeader === undefined ? undefined : provingHeader(delivery, timestampHeader);
  const sentAt = timestamp === undefined ? undefined : parseSeconds(timestamp);
  const id = idHeader === undefined ? undefined : provingHeader(delivery, idHeader);
  if (id !== undefined && !(template.hasId ? word : visible).test(id)) {
    const form = template.hasId ? 'letters, digits, "-" or "_"' : "visible ASCII characters";
    refuse(`The header ${idHeader} must be 1 to 256 ${form}.`);
  }
  const content = template.fill({ body: delivery.body, timestamp, id });
  const secret = findSecret(keys, [given], (key) => write(key, content));
  if (secret === undefined)
    return refuse(`The header ${header} does not fit the body and the secret.`);
  if (sentAt !== undefined) checkAge(sentAt, delivery.receivedAt, toleranceMs);
  return { secret, id, sentAt };
}

function sign(
  { headers, body, sentAt }: UnsignedDelivery,
  { header, timestampHeader, idHeader, keys: [first], template, write }: Resolved,
): Readonly<Record<string, string>> {
  const timestamp = timestampHeader === undefined ? undefined : toSeconds(sentAt);
  const id = idHeader === undefined ? undefined : headers[idHeader];
  if (idHeader !== undefined && id === undefined) {
    throw new FlyteError("invalid_input", `The delivery has no header ${idHeader}. Give it an id.`);
  }
  const content = template.fill({ body, timestamp, id });
  return {
    ...headers,
    ...(timestampHeader !== undefined && { [timestampHeader]: timestamp ?? "" }),
    [header]: write(first?.key ?? "", content),
  };
}

/** A name of a header, in lower case. @throws FlyteError `invalid_config` */
export function headerName(hook: string, option: string, name: unknown): string {
  if (typeof name === "string" && /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name))
    return name.toLowerCase();
  throw new FlyteError(
    "invalid_config",
    `Hook "${hook}": ${option} must be the name of a header such as x-signature, not ${JSON.stringify(name)}.`,
  );
}

export function optionalHeader(hook: string, option: string, name: unknown): string | undefined {
  return name === undefined ? undefined : headerName(hook, option, name);
}

function assertChoice(hook: string, option: string, value: string, all: readonly string[]): void {
  if (all.includes(value)) return;
  throw new FlyteError(
    "invalid_config",
    `Hook "${hook}": ${option} must be ${all.join(" or ")}, not ${JSON.stringify(value)}.`,
  );
}
