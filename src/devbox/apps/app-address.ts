import { createHash } from "node:crypto";
import type { AppKey } from "../store/apps.ts";

const maxLabelLength = 63;

/**
 * The DNS label of an app's public address: `NAME-PROJECT-DOMAIN` in lower case. One that is too long
 * for a label keeps its first 54 characters and gets a dash and eight digits of a SHA-256.
 */
export function toAppLabel({ project, domain, name }: AppKey): string {
  const label = `${name}-${project}-${domain}`.toLowerCase();
  if (label.length <= maxLabelLength) return label;
  const digest = createHash("sha256").update(`${project}/${domain}/${name}`).digest("hex");
  return `${label.slice(0, maxLabelLength - 9)}-${digest.slice(0, 8)}`;
}

/** An address as a `Host` has it. */
export interface HostAddress {
  /** In lower case, without the dot that may end it. */
  readonly hostname: string;
  /** As it was given; undefined without one. */
  readonly port: number | undefined;
}

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const hostPattern = new RegExp(
  `^(?:(${label}(?:\\.${label})*)\\.?|(\\[[0-9a-f:.]{2,45}\\]))(?::(\\d{1,5}))?$`,
  "i",
);

/**
 * Reads a `Host`: a name or an address, and a port. Undefined for everything else, such as user
 * information, a path, several hosts, an empty one, or characters that no name has.
 */
export function parseHost(text: string): HostAddress | undefined {
  if (text.length > 262) return undefined;
  const [, name, bracketed, port] = hostPattern.exec(text) ?? [];
  const hostname = (name ?? bracketed)?.toLowerCase();
  if (hostname === undefined || Number(port ?? 0) > 65_535) return undefined;
  return { hostname, port: port === undefined ? undefined : Number(port) };
}
