import type { VNode } from "preact";
import { ProjectState } from "../../../src/idl/projects.ts";
import { projects } from "../control-plane/clients.ts";
import { useCall } from "../control-plane/use-call.ts";
import { navigate } from "../navigation/location.ts";
import { pagePath, type Scope } from "../scope.ts";
import { toAttributeText } from "../text/attribute-text.ts";

/** Projects in one request; a devbox has few. */
const most = 1_000;

/** Changes project and domain, and stays on the kind of page. */
export function ScopeSwitch({ scope }: { readonly scope: Scope }): VNode {
  const { data } = useCall("projects", async (signal) => {
    const answer = await projects.listProjects({ limit: most }, { signal });
    return answer.projects?.projects ?? [];
  });
  // What is archived can be read where the address names it, and is not offered.
  const known = (data ?? []).filter(
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
