import type { Project } from "../../../src/idl/projects.ts";
import { projects } from "../control-plane/clients.ts";
import { useCall } from "../control-plane/use-call.ts";

/** Projects in one request; a devbox has few. */
const most = 1_000;

/** The projects that may be read; undefined until they are known. */
export function useProjects(): readonly Project[] | undefined {
  const { data } = useCall("projects", async (signal) => {
    const answer = await projects.listProjects({ limit: most }, { signal });
    return answer.projects?.projects ?? [];
  });
  return data;
}
