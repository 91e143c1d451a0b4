import type { ControlPlane } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const domains: readonly string[] = ["development", "staging", "production"];

/** Who the command's own credential is, and what it can reach. False when it is none. */
export async function* checkCaller(controlPlane: ControlPlane): AsyncGenerator<Finding, boolean> {
  try {
    const { subject, name } = await controlPlane.users.me();
    yield ok(
      "credential",
      `is that of ${subject}${name === subject || name === "" ? "" : ` (${name})`}`,
    );
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    if (error.code !== "unimplemented") {
      yield problem(
        "credential",
        `${error.message} Set FLYTE_API_KEY, or sign in as the config file says; what follows needs one.`,
      );
      return false;
    }
    yield warning("credential", "the control plane does not tell whose it is; /me will answer 501");
  }
  return yield* checkScope(controlPlane);
}

async function* checkScope(controlPlane: ControlPlane): AsyncGenerator<Finding, boolean> {
  const { project, domain } = controlPlane;
  if (project === undefined || domain === undefined) {
    yield problem(
      "project",
      "no project and domain for runs. Give --project and --domain, or put them into the config file.",
    );
    return false;
  }
  if (!domains.includes(domain) && domains.includes(project)) {
    yield problem(
      "project",
      `project ${project} and domain ${domain} look swapped: did you mean --project ${domain} --domain ${project}?`,
    );
    return false;
  }
  try {
    await controlPlane.runs.page({}, { limit: 1 });
    yield ok("project", `runs of ${project}/${domain} can be read`);
    return true;
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    yield problem("project", `runs of ${project}/${domain} cannot be read: ${error.message}`);
    return false;
  }
}

/** The services that groups of endpoints need, each asked for one thing. */
export async function* checkServices(controlPlane: ControlPlane): AsyncGenerator<Finding> {
  const services: readonly (readonly [group: string, ask: () => Promise<unknown>])[] = [
    ["app", () => controlPlane.apps.page({}, { limit: 1 })],
    ["trigger", () => controlPlane.triggers.page({}, { limit: 1 })],
  ];
  for (const [group, ask] of services) {
    try {
      await ask();
      yield ok(`group ${group}`, "the control plane has what it needs");
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      yield error.code === "unimplemented"
        ? warning(
            `group ${group}`,
            "the control plane has no such service: its endpoints answer 501",
          )
        : warning(`group ${group}`, `cannot be tried: ${error.message}`);
    }
  }
}
