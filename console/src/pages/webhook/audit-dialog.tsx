import type { VNode } from "preact";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/time.tsx";
import type { AuditLine } from "../../webhook/audit-line.ts";
import { AuditRuns } from "./audit-table.tsx";

const mostRuns = 100;

/** A line of the audit log as it is written. */
export function AuditDialog({
  line: { seq, time, runs, members },
  onClose,
}: {
  readonly line: AuditLine;
  readonly onClose: () => void;
}): VNode {
  return (
    <Dialog title={`Line ${seq} of the audit log`} onClose={onClose}>
      <p class="muted">
        <Time at={time} />
      </p>
      {runs.length > 0 && (
        <div>
          <h3>Runs</h3>
          <div class="mono">
            <AuditRuns runs={runs} most={mostRuns} />
          </div>
        </div>
      )}
      <CodeBlock text={stringifyJson(members, 2)} label="Line as JSON" />
      <div class="row">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
