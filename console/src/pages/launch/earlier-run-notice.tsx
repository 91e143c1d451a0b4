import type { VNode } from "preact";
import { runPath, type Scope } from "../../scope.ts";
import { Text } from "../../ui/text.tsx";
import type { EarlierRun } from "./load-launch.ts";

/** What the form was filled from, and what has no place in it. */
export function EarlierRunNotice({
  scope,
  run,
}: {
  readonly scope: Scope;
  readonly run: EarlierRun;
}): VNode {
  const { kept, entered, notes } = run.inputs;
  const gone = [...notes].filter(([name]) => !entered.has(name));
  return (
    <div class="notice">
      <p>
        Filled with the inputs and options of run{" "}
        <a class="mono" href={runPath(scope, run.name)}>
          <Text max={80}>{run.name}</Text>
        </a>
        {kept.literals.length > 0 && ". What you do not change is sent exactly as it was"}.
      </p>
      {run.otherTask !== undefined && (
        <p>
          That run is of another task: <Text max={200}>{run.otherTask}</Text>.
        </p>
      )}
      {gone.length > 0 && (
        <ul>
          {gone.map(([name, note]) => (
            <li key={name}>
              <strong>
                <Text max={200}>{name}</Text>
              </strong>
              : {note}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
