import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { RunDetails } from "../../../../src/idl/runs.ts";
import type { WatchStatus } from "../../control-plane/use-watch.ts";
import { launchPath, runsPath } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { isEndPhase, Phase } from "../../ui/phase.tsx";
import { WatchState } from "../../ui/watch-state.tsx";
import { AbortDialog } from "./abort-dialog.tsx";
import { type RunAction, rootAction } from "./run-action.ts";
import type { RunKey } from "./use-run-actions.ts";

/** The name of a run, how it is doing, and what can be done about it. */
export function RunHead({
  run,
  details,
  root,
  status,
  reload,
}: {
  readonly run: RunKey;
  readonly details: RunDetails;
  /** As the stream tells it, which is sooner than the details are. */
  readonly root: RunAction | undefined;
  readonly status: WatchStatus;
  readonly reload: () => void;
}): VNode {
  const [isAborting, setIsAborting] = useState(false);
  const phase = root?.phase ?? details.action?.status?.phase ?? 0;
  const isEnded = isEndPhase(phase);
  const rerun = toRerunPath(run, details);
  return (
    <PageHeader title={run.name} above={{ title: "Runs", href: runsPath(run) }}>
      <span class="run-state" role="status">
        <Phase phase={phase} />
      </span>
      {!isEnded && <WatchState status={status} />}
      {!isEnded && (
        <Button kind="danger" onClick={() => setIsAborting(true)}>
          Abort
        </Button>
      )}
      {rerun !== undefined && (
        <a class="button" href={rerun}>
          Run again
        </a>
      )}
      <CopyButton text={() => location.href} what="to this run">
        Copy link
      </CopyButton>
      {isAborting && (
        <AbortDialog
          run={run}
          action={rootAction}
          phase={phase}
          onClose={() => setIsAborting(false)}
          onDone={reload}
        />
      )}
    </PageHeader>
  );
}

/** The launch form with this run's inputs. Those of another project's task are not taken along. */
function toRerunPath(run: RunKey, { action }: RunDetails): string | undefined {
  const spec = action?.metadata?.spec;
  const task = spec?.case === "task" ? spec.value.id : undefined;
  if (task === undefined || task.name === "") return undefined;
  const { project, domain, name, version } = task;
  if (project !== run.project || domain !== run.domain) {
    return launchPath({ project, domain }, name, { version });
  }
  return launchPath(run, name, { version, from: run.name });
}
