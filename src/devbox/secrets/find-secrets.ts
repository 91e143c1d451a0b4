import { FlyteError } from "../../shared/errors.ts";
import type { Database } from "../store/database.ts";
import { findSecret, type SecretRow, type SecretScope } from "../store/secrets.ts";

/**
 * The secrets of these names as code in the scope sees them: a secret of the project and domain hides
 * one of the domain, and that one a global one.
 *
 * @throws FlyteError `not_found` naming every secret that is missing, where it was looked for and the
 * remedy
 */
export function findSecrets(
  database: Database,
  names: readonly string[],
  { project, domain }: SecretScope,
): ReadonlyMap<string, SecretRow> {
  const places = [
    { project, domain },
    { project: "", domain },
    { project: "", domain: "" },
  ];
  const found = new Map<string, SecretRow>();
  const missing = new Set<string>();
  for (const name of names) {
    const row = places
      .map((place) => findSecret(database, { ...place, name }))
      .find((each) => each !== undefined);
    if (row === undefined) missing.add(name);
    else found.set(name, row);
  }
  if (missing.size === 0) return found;
  const shown = [...missing].map((name) => JSON.stringify(name.slice(0, 100)));
  const commands = [...missing]
    .filter((name) => secretName.test(name))
    .map((name) => `flyte-webhook create secret ${name} --project ${project} --domain ${domain}`);
  const remedy =
    commands.length === 0
      ? "Names of secrets have letters, digits, dashes and underscores only."
      : `Create ${commands.length === 1 ? "it" : "them"} with: ${commands.join("; ")}`;
  throw new FlyteError(
    "not_found",
    `There is no secret ${shown.join(", ")} for ${project}/${domain}: neither there, nor for all projects of ${domain}, nor globally. ${remedy}`,
  );
}

/** What Flyte accepts as the name of a secret. */
export const secretName: RegExp = /^[-A-Za-z0-9_]{1,253}$/;

/** A secret's place as people say it: `flytesnacks/development`, `all projects of staging`, `global`. */
export function describeScope({ project, domain }: SecretScope): string {
  if (domain === "") return "global";
  return project === "" ? `all projects of ${domain}` : `${project}/${domain}`;
}
