import { FlyteError } from "../shared/errors.ts";
import { matchesGlob } from "../shared/glob.ts";

/** What a request wants an image to be made of; each text has been found right. */
export interface AskedParts {
  /** Undefined for Flyte's own image, which every allowlist allows. */
  readonly base: string | undefined;
  readonly pip: readonly string[];
  readonly apt: readonly string[];
}

/** The parts that are not in the allowlist, in words. */
export type BuildMatcher = (parts: AskedParts) => readonly string[];

type Kind = keyof AskedParts;

/** Whether an entry allows a text. */
type Rule = (text: string) => boolean;

/**
 * Compiles an allowlist of what images may be made of. Without one everything is allowed; an empty one allows
 * Flyte's own image with nothing added.
 *
 * An entry is `base:IMAGE`, `pip:NAME` or `apt:NAME`. `*` stands for any characters but a slash, `**` for any number
 * of parts between slashes. An image without a tag allows all its tags and digests; with one, its tag alone. A name allows all
 * versions of its package, but none from an address.
 *
 * @throws FlyteError `invalid_config` for an entry of another form
 */
export function compileBuildAllowlist(entries: readonly string[] | undefined): BuildMatcher {
  if (entries === undefined) return () => [];
  const rules: Record<Kind, Rule[]> = { base: [], pip: [], apt: [] };
  for (const entry of entries) addRule(rules, entry);
  const allows = (kind: Kind, text: string) => rules[kind].some((rule) => rule(text));
  return ({ base, pip, apt }) => [
    ...(base === undefined || allows("base", base) ? [] : [`Base image ${base}`]),
    ...pip.filter((text) => !allows("pip", text)).map((text) => `Package ${text}`),
    ...apt.filter((text) => !allows("apt", text)).map((text) => `Package ${text}`),
  ];
}

function addRule(rules: Record<Kind, Rule[]>, entry: unknown): void {
  const [, kind, pattern = ""] = /^(base|pip|apt):(.+)$/.exec(String(entry)) ?? [];
  if (kind === "base" && baseForm.test(pattern)) rules.base.push(toBaseRule(pattern));
  else if (kind === "pip" && pipForm.test(pattern)) rules.pip.push(toPipRule(pattern));
  else if (kind === "apt" && aptForm.test(pattern)) rules.apt.push(toAptRule(pattern));
  else {
    throw new FlyteError(
      "invalid_config",
      `The build allowlist entry ${JSON.stringify(entry)} is none. Write base:IMAGE, pip:NAME or apt:NAME, without versions of packages; * stands for any characters, as in base:ghcr.io/flyteorg/*.`,
    );
  }
}

const baseForm =
  /^[A-Za-z0-9*][A-Za-z0-9._:*-]*(?:\/[A-Za-z0-9*][A-Za-z0-9._*-]*)*(?::[A-Za-z0-9_.*-]+)?(?:@sha256:[0-9a-f]{64})?$/;
const pipForm = /^[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?$/;
const aptForm = /^[a-z0-9*][a-z0-9+.*-]*$/;

function toBaseRule(pattern: string): Rule {
  const wanted = splitReference(pattern);
  return (text) => {
    const { repository, tag = "latest", digest } = splitReference(text);
    if (!matchesWhole(wanted.repository, repository)) return false;
    if (wanted.digest !== undefined) return wanted.digest === digest;
    if (wanted.tag === undefined) return true;
    // Of a name with both, the digest alone counts.
    return digest === undefined && matchesWhole(wanted.tag, tag);
  };
}

function splitReference(text: string): {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
} {
  const [name = "", digest] = text.split("@", 2);
  const [, repository = name, tag] = /^(.+):([^/:]+)$/.exec(name) ?? [];
  return { repository, tag, digest };
}

/** The end is a part of its own, since a pattern else means all that is below it, too. */
function matchesWhole(pattern: string, text: string): boolean {
  return matchesGlob(`./${pattern}/:`, `${text}/:`);
}

/** Names are equal as the package index takes them to be. */
function toPipRule(pattern: string): Rule {
  const normalize = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");
  const wanted = normalize(pattern);
  return (text) => {
    const [requirement = ""] = text.split(";", 1);
    const [name = ""] = /^[A-Za-z0-9._-]+/.exec(text) ?? [];
    return !requirement.includes("@") && matchesWhole(wanted, normalize(name));
  };
}

function toAptRule(pattern: string): Rule {
  return (text) => matchesWhole(pattern, text.replace(/[:=].*$/, ""));
}
