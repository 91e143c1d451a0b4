import type { VNode } from "preact";
import type { Run } from "../../../src/idl/runs.ts";
import { runPath, type Scope } from "../scope.ts";
import { toIdentityName } from "../text/identity-name.ts";
import { toSourceWords } from "../text/run-source.ts";
import { Elapsed } from "./elapsed.tsx";
import { Phase } from "./phase.tsx";
import { TableFrame } from "./table-frame.tsx";
import { Text } from "./text.tsx";
import { Time } from "./time.tsx";

/** A few runs, such as the last ones of a task or trigger. */
export function RunTable({
  scope,
  runs,
  label,
}: {
  readonly scope: Scope;
  readonly runs: readonly Run[];
  /** What they are the runs of, for screen readers. */
  readonly label: string;
}): VNode {
  return (
    <TableFrame label={label}>
      <table class="table stacked run-table" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Phase</th>
            <th scope="col">Owner</th>
            <th scope="col">Source</th>
            <th scope="col">Started</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunLine key={run.action?.id?.run?.name} scope={scope} run={run} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function RunLine({ scope, run }: { readonly scope: Scope; readonly run: Run }): VNode {
  const { id, status, metadata } = run.action ?? {};
  const name = id?.run?.name ?? "";
  return (
    <tr>
      <td>
        <a class="mono" href={runPath(scope, name)}>
          <Text max={80}>{name}</Text>
        </a>
      </td>
      <td>
        <Phase phase={status?.phase ?? 0} />
      </td>
      <td>
        <Text max={100}>{toIdentityName(metadata?.executedBy) ?? "–"}</Text>
      </td>
      <td class="wide">{metadata === undefined ? "–" : toSourceWords(metadata)}</td>
      <td>
        <Time at={status?.startTime} isRelative />
      </td>
      <td>
        <Elapsed from={status?.startTime} to={status?.endTime} />
      </td>
    </tr>
  );
}
