import { isIP } from "node:net";
import { FlyteError } from "../../shared/errors.ts";
import { kindOfAddress } from "../../shared/public-address.ts";

/** Says what keeps an address from being called back, in words that follow its name; undefined for nothing. */
export type TargetRule = (text: string) => string | undefined;

/** Longer ones fit into no log and no line of a journal. */
const longest = 2048;

interface Target {
  readonly scheme: "http:" | "https:";
  /** In the form of URLs; behind a star, with its dot. */
  readonly host: string;
  readonly below: boolean;
  readonly port: string;
}

/**
 * Compiles the list of hosts that may be called back: `ci.example.com`, `*.example.com` for any name below it,
 * `https://ci.example.com:8443` for another port, `http://10.0.0.5:8080` where private addresses are allowed.
 *
 * @throws FlyteError `invalid_config` naming the entry, the rule and the remedy
 */
export function compileTargets(allow: readonly string[], mayBePlain: boolean): TargetRule {
  const targets = allow.map((entry) => toTarget(entry, mayBePlain));
  return (text) => formFault(text, mayBePlain) ?? placeFault(new URL(text), targets);
}

function formFault(text: string, mayBePlain: boolean): string | undefined {
  if (text.length > longest) return `must have at most ${longest} characters`;
  if (!/^[!-~]+$/.test(text)) return "must consist of visible ASCII characters; encode others";
  if (!/^https?:\/\/[^/?#]/i.test(text) || text.includes("\\") || !URL.canParse(text)) {
    return "must be a whole address, such as https://ci.example.com/done";
  }
  // Also an empty name, which URL leaves out.
  if (/^[^/]+\/\/[^/?#]*@/.test(text)) {
    return "must not hold credentials; what it is signed with proves who sends";
  }
  if (text.includes("#")) return "must not have a fragment, which is never sent";
  return new URL(text).protocol === "http:" && !mayBePlain ? "must begin with https://" : undefined;
}

function placeFault(
  { hostname, protocol, port }: URL,
  targets: readonly Target[],
): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const isSpecial = isIP(address) !== 0 && kindOfAddress(address) === "special";
  const named = isSpecial ? [] : targets.filter((target) => names(target, hostname));
  if (named.length === 0) {
    return "names a host that the operator of this webhook does not allow to be called back";
  }
  const ofScheme = named.filter(({ scheme }) => scheme === protocol);
  if (ofScheme.length === 0) return `must begin with ${named[0]?.scheme}//`;
  if (ofScheme.some((target) => target.port === port)) return undefined;
  return "names a port that the operator of this webhook does not allow to be called back";
}

function names({ host, below }: Target, given: string): boolean {
  if (!below) return given === host;
  return given.length > host.length && given.endsWith(host);
}

function toTarget(entry: string, mayBePlain: boolean): Target {
  const [, scheme = "https://", star, rest = ""] =
    /^(https?:\/\/)?(\*\.)?(.*)$/.exec(String(entry)) ?? [];
  const text = `${scheme}${rest}`;
  const url = /^[a-z0-9.:[\]_-]+\/?$/.test(rest) && URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname ?? "";
  if (url === undefined || host === "" || /^\.|\.$/.test(host) || url.pathname !== "/") {
    throw invalid(
      entry,
      "is no host. Write for example ci.example.com, *.example.com or https://ci.example.com:8443, in lower case",
    );
  }
  const isAddress = isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0;
  if (star !== undefined && (isAddress || !host.includes("."))) {
    throw invalid(entry, "would allow too many hosts. Name a domain of your own behind the star");
  }
  if (url.protocol === "http:" && !mayBePlain) {
    throw invalid(
      entry,
      "is without TLS, which is for private addresses alone. Write https://, or list their ranges in callbacks.allowPrivate",
    );
  }
  return {
    scheme: url.protocol as Target["scheme"], // as the pattern has it
    host: star === undefined ? host : `.${host}`,
    below: star !== undefined,
    port: url.port,
  };
}

function invalid(entry: unknown, problem: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `${JSON.stringify(entry)} in callbacks.allow ${problem}.`,
  );
}
