import type { TaskRef } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import type { ConnectionOptions } from "./options.ts";

/**
 * Reads a task as people type it: `NAME`, `PROJECT/NAME` or `DOMAIN/PROJECT/NAME`, each with
 * `@VERSION` for one version. What it leaves out comes from `--project` and `--domain`.
 *
 * @throws FlyteError `invalid_input`
 */
export function parseTaskArgument(
  text: string,
  { project, domain }: Pick<ConnectionOptions, "project" | "domain">,
): TaskRef {
  const at = text.lastIndexOf("@");
  const path = at === -1 ? text : text.slice(0, at);
  const version = at === -1 ? undefined : text.slice(at + 1);
  const parts = path.split("/");
  if (parts.length > 3 || parts.includes("") || version === "") {
    throw new FlyteError(
      "invalid_input",
      `${JSON.stringify(text)} names no task. Write NAME, PROJECT/NAME or DOMAIN/PROJECT/NAME, with @VERSION for one version.`,
    );
  }
  const [name = "", ownProject = project, ownDomain = domain] = parts.reverse();
  return {
    name,
    ...(ownProject === undefined ? {} : { project: ownProject }),
    ...(ownDomain === undefined ? {} : { domain: ownDomain }),
    ...(version === undefined ? {} : { version }),
  };
}
