import type { TriggerName } from "../../idl/triggers.ts";
import type { TriggerKey } from "../store/triggers.ts";
import { required, requiredText } from "./scope.ts";

/** The name without the organisation, which is not kept. @throws FlyteError `invalid_input` */
export function readTriggerName(given: TriggerName | undefined): TriggerKey {
  const { project, domain, taskName, name } = required(given, "trigger_name");
  return {
    project: requiredText(project, "trigger_name.project", 63),
    domain: requiredText(domain, "trigger_name.domain", 63),
    task_name: requiredText(taskName, "trigger_name.task_name", 255),
    name: requiredText(name, "trigger_name.name", 255),
  };
}
