import { FlyteError } from "../shared/errors.ts";

/** What an identifier names. */
export type IdentifierKind =
  | "run name"
  | "action name"
  | "org"
  | "project"
  | "domain"
  | "task name"
  | "task version"
  | "trigger name"
  | "app name"
  | "existing app name";

/**
 * The most characters an identifier may have: the `buf.validate` rules of the `flyteidl2` messages.
 * Not all control planes hold new apps to theirs, so that an app that exists may have a longer name.
 */
export const identifierLimits: Readonly<Record<IdentifierKind, number>> = {
  "run name": 30,
  "action name": 30,
  org: 63,
  project: 63,
  domain: 63,
  "task name": 255,
  "task version": 63,
  "trigger name": 255,
  "app name": 30,
  "existing app name": 63,
};

/** Runs become names of Kubernetes objects: a DNS label that begins with a letter (RFC 1035). */
const runName = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** The pattern `flyteidl2.app.Identifier` declares. */
const appName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Controls, formatting (bidi, zero width) and unpaired surrogates, which no identifier may hold. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * What is wrong with an identifier, as a rule to be put behind its name. Undefined when nothing is.
 *
 * Besides length: no slash or backslash, neither `.` nor `..`, no control, invisible or directional
 * characters, no spaces at the ends, and Unicode in its composed form (NFC).
 */
export function identifierFault(kind: IdentifierKind, text: string): string | undefined {
  const limit = identifierLimits[kind];
  if (text === "") return `the ${kind} must not be empty`;
  if (text.length > limit) return `the ${kind} may have at most ${limit} characters`;
  if (kind === "run name" && !runName.test(text)) {
    return "the run name may have lower-case letters, digits and hyphens, and must begin with a letter";
  }
  if ((kind === "app name" || kind === "existing app name") && !appName.test(text)) {
    return "the app name may have letters, digits and hyphens, and no hyphen at its ends";
  }
  if (/[/\\]/.test(text) || text === "." || text === "..") {
    return `the ${kind} must not hold a slash or be "." or ".."`;
  }
  if (invisible.test(text) || text.trim() !== text || text.normalize("NFC") !== text) {
    return `the ${kind} holds characters that are not allowed`;
  }
  return undefined;
}

/** Whether a text can name a run: up to 30 lower-case letters, digits and hyphens, a letter first. */
export function isRunName(text: string): boolean {
  return identifierFault("run name", text) === undefined;
}

/** A task as people write it; what is left out is taken from the configuration or is the latest version. */
export interface TaskReference {
  readonly domain?: string;
  readonly project?: string;
  readonly name: string;
  readonly version?: string;
}

/**
 * Reads `name`, `project/name` or `domain/project/name`, each with or without `@version`.
 *
 * @throws {@link FlyteError} `invalid_input` naming the faulty part.
 */
export function parseTaskName(text: string): TaskReference {
  const at = text.indexOf("@");
  const path = (at < 0 ? text : text.slice(0, at)).split("/");
  const version = at < 0 ? undefined : text.slice(at + 1);
  const [name = "", project, domain, ...rest] = path.reverse();
  const faults = [
    rest.length > 0 ? "a task is written as [[DOMAIN/]PROJECT/]NAME[@VERSION]" : undefined,
    fault("domain", domain),
    fault("project", project),
    fault("task name", name),
    fault("task version", version),
  ].filter((message) => message !== undefined);
  const [first] = faults;
  if (first !== undefined) {
    const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
    throw new FlyteError("invalid_input", `${shown} names no task: ${first}`);
  }
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(project === undefined ? {} : { project }),
    name,
    ...(version === undefined ? {} : { version }),
  };
}

/** Prints a task reference the way {@link parseTaskName} reads it. */
export function printTaskName({ domain, project, name, version }: TaskReference): string {
  const path = [domain, project, name].filter((part) => part !== undefined).join("/");
  return version === undefined ? path : `${path}@${version}`;
}

function fault(kind: IdentifierKind, text: string | undefined): string | undefined {
  return text === undefined ? undefined : identifierFault(kind, text);
}
