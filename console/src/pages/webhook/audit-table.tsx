import type { VNode } from "preact";
import { runPath } from "../../scope.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import type { AuditLine, AuditRun } from "../../webhook/audit-line.ts";
import { auditEventWords, ruleWords, unknownSubjectWords } from "../../webhook/words.ts";

const longest = 30;

const decisionWords: Readonly<Record<string, string>> = { allowed: "Allowed", denied: "Denied" };

/** Lines of the audit log, the newest first. */
export function AuditTable({
  lines,
  onOpen,
}: {
  readonly lines: readonly AuditLine[];
  readonly onOpen: (line: AuditLine) => void;
}): VNode {
  return (
    <TableFrame label="Lines of the audit log">
      <table class="table stacked" aria-label="Audit log">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Decision</th>
            <th scope="col" class="wide">
              Status
            </th>
            <th scope="col">Runs</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={line.seq} line={line} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({
  line,
  onOpen,
}: {
  readonly line: AuditLine;
  readonly onOpen: (line: AuditLine) => void;
}): VNode {
  const { seq, time, event, method, endpoint, target, decision, rule, status, problem, runs } =
    line;
  return (
    <tr>
      <td class="nowrap">
        <Time at={time} />
      </td>
      <td>
        <Who line={line} />
      </td>
      <td>
        {event === "" ? (
          <>
            <code>
              <Text max={60}>{endpoint || method || "–"}</Text>
            </code>
            <div class="muted">
              <Text max={300}>{target}</Text>
            </div>
          </>
        ) : (
          <Text max={60}>{auditEventWords(event)}</Text>
        )}
      </td>
      <td>
        {decision !== "" && (
          <Badge tone={decision === "allowed" ? "good" : "bad"}>
            {decisionWords[decision] ?? toAttributeText(decision, longest)}
          </Badge>
        )}
        {rule !== "" && (
          <div class="muted">
            <Text max={120}>{ruleWords(rule) ?? rule}</Text>
          </div>
        )}
      </td>
      <td class="wide">
        {status ?? ""}
        {problem !== "" && (
          <div class="muted mono">
            <Text max={60}>{problem}</Text>
          </div>
        )}
      </td>
      <td class={`mono nowrap ${runs.length === 0 ? "blank" : ""}`}>
        <AuditRuns runs={runs} />
      </td>
      <td class="row-end">
        <Button label={`Details of line ${seq}`} onClick={() => onOpen(line)}>
          Details
        </Button>
      </td>
    </tr>
  );
}

function Who({ line: { subject, subjectUnknown, actsAs } }: { readonly line: AuditLine }): VNode {
  return (
    <>
      {subject === "" ? (
        <span class="muted">
          <Text max={60}>{unknownSubjectWords(subjectUnknown)}</Text>
        </span>
      ) : (
        <Text max={120}>{subject}</Text>
      )}
      {actsAs !== "" && actsAs !== "caller" && (
        <div class="muted">
          as <Text max={120}>{actsAs}</Text>
        </div>
      )}
    </>
  );
}

const mostRuns = 3;

/** Links to the first runs of a line. */
export function AuditRuns({
  runs,
  most = mostRuns,
}: {
  readonly runs: readonly AuditRun[];
  readonly most?: number;
}): VNode {
  return (
    <>
      {runs.slice(0, most).map((run) => (
        <div key={`${run.domain}/${run.project}/${run.name}`}>
          <a href={runPath(run, run.name)}>
            <Text max={60}>{run.name}</Text>
          </a>
          {!run.isNew && <span class="muted"> found</span>}
        </div>
      ))}
      {runs.length > most && <div class="muted">and {runs.length - most} more</div>}
    </>
  );
}
