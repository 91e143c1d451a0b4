import { FlyteError } from "../shared/errors.ts";
import { isTask, type Task } from "./define-task.ts";

/**
 * The tasks among a module's exports, by task name.
 *
 * @throws FlyteError `invalid_config` when two different tasks have one name.
 */
export function findTasks(exported: object, file: string): ReadonlyMap<string, Task> {
  const found = new Map<string, Task>();
  const exportOf = new Map<string, string>();
  for (const [name, value] of Object.entries(exported)) {
    if (!isTask(value)) continue;
    const other = found.get(value.name);
    if (other !== undefined && other !== value) {
      throw new FlyteError(
        "invalid_config",
        `${file} exports two tasks named ${JSON.stringify(value.name)}, as ${exportOf.get(value.name)} and ${name}; give each its own name.`,
      );
    }
    found.set(value.name, value);
    exportOf.set(value.name, name);
  }
  return found;
}
