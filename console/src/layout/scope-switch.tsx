import type { VNode } from "preact";
import { type Project, ProjectState } from "../../../src/idl/projects.ts";
import { navigate } from "../navigation/location.ts";
import { pagePath, type Scope } from "../scope.ts";
import { toAttributeText } from "../text/attribute-text.ts";

/** Changes project and domain, and stays on the kind of page. */
export function ScopeSwitch({
  scope,
  projects = [],
}: {
  readonly scope: Scope;
  /** Those that may be read, once they are known. */
  readonly projects?: readonly Project[] | undefined;
}): VNode {
  // What is archived can be read where the address names it, and is not offered.
  const known = projects.filter(
    ({ id, state }) => state !== ProjectState.ARCHIVED || id === scope.project,
  );
  const projectNames = withCurrent(
    known.map(({ id }) => id),
    scope.project,
  );
  const domainNames = withCurrent(
    (known.find(({ id }) => id === scope.project) ?? known[0])?.domains.map(({ id }) => id) ?? [],
    scope.domain,
  );
  const go = (next: Scope): void => {
    const [, , , , , , place = "runs"] = location.pathname.split("/");
    navigate(pagePath(next, [place]));
  };
  return (
    <div class="scope-switch">
      <select
        aria-label="Project"
        value={scope.project}
        onChange={(event) => go({ ...scope, project: event.currentTarget.value })}
      >
        {projectNames.map((name) => (
          <option key={name} value={name}>
            {toAttributeText(name, 60)}
          </option>
        ))}
      </select>
      <select
        aria-label="Domain"
        value={scope.domain}
        onChange={(event) => go({ ...scope, domain: event.currentTarget.value })}
      >
        {domainNames.map((name) => (
          <option key={name} value={name}>
            {toAttributeText(name, 60)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The address may name what there is not, or what may not be read. */
function withCurrent(names: readonly string[], current: string): readonly string[] {
  return names.includes(current) ? names : [current, ...names];
}
