import type { VNode } from "preact";
import { CacheLookupScope, type RunDetails, type RunSpec } from "../../../../src/idl/runs.ts";
import { type Scope, taskPath, triggerPath } from "../../scope.ts";
import { toSourceWords } from "../../text/run-source.ts";
import { Elapsed } from "../../ui/elapsed.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Identity } from "../../ui/identity.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { Version } from "../../ui/version.tsx";
import { RunMarks } from "./run-marks.tsx";

/** Who started what, when, and how it was set up. */
export function RunFacts({
  scope,
  details,
}: {
  readonly scope: Scope;
  readonly details: RunDetails;
}): VNode {
  const { action, runSpec } = details;
  const { metadata, status } = action ?? {};
  const task = metadata?.spec.case === "task" ? metadata.spec.value.id : undefined;
  const template = action?.spec.case === "task" ? action.spec.value.taskTemplate : undefined;
  const retries = template?.metadata?.retries?.retries ?? 0;
  const cluster = runSpec?.cluster || action?.attempts.at(-1)?.cluster || "";
  const cache = toCacheWords(runSpec, template?.metadata?.discoverable === true);
  return (
    <section class="card" aria-label="Facts">
      <dl class="facts run-facts">
        <Fact name="Task">
          {task === undefined ? (
            <span class="muted">–</span>
          ) : (
            <TaskLink scope={{ ...scope, ...pick(task) }} name={task.name} version={task.version} />
          )}
        </Fact>
        <Fact name="Owner">
          <Identity of={metadata?.executedBy} />
        </Fact>
        <Fact name="Source">{metadata && <Source metadata={metadata} runSpec={runSpec} />}</Fact>
        <Fact name="Started">
          <Time at={status?.startTime} />
        </Fact>
        {status?.endTime !== undefined && (
          <Fact name="Ended">
            <Time at={status.endTime} />
          </Fact>
        )}
        <Fact name="Duration">
          <Elapsed from={status?.startTime} to={status?.endTime} />
        </Fact>
        <Fact name="Attempts">
          {status?.attempts ?? 0}
          {retries > 0 && <span class="muted"> of at most {retries + 1}</span>}
        </Fact>
        {cluster !== "" && (
          <Fact name="Cluster">
            <Text max={100}>{cluster}</Text>
          </Fact>
        )}
        {cache !== undefined && <Fact name="Cache">{cache}</Fact>}
        {runSpec?.interruptible !== undefined && (
          <Fact name="Interruptible">{runSpec.interruptible ? "Yes" : "No"}</Fact>
        )}
        {runSpec?.rawDataStorage?.rawDataPrefix && (
          <Fact name="Raw data">
            <Text max={300}>{runSpec.rawDataStorage.rawDataPrefix}</Text>
          </Fact>
        )}
        <RunMarks runSpec={runSpec} />
      </dl>
    </section>
  );
}

function pick({ project, domain }: { readonly project: string; readonly domain: string }): Scope {
  return { project, domain };
}

export function TaskLink({
  scope,
  name,
  version,
}: {
  readonly scope: Scope;
  readonly name: string;
  readonly version: string;
}): VNode {
  return (
    <>
      <a href={taskPath(scope, name, version)}>
        <Text max={200}>{name}</Text>
      </a>{" "}
      <span class="muted">
        <Version>{version}</Version>
      </span>
    </>
  );
}

function Source({
  metadata,
  runSpec,
}: {
  readonly metadata: NonNullable<NonNullable<RunDetails["action"]>["metadata"]>;
  readonly runSpec: RunSpec | undefined;
}): VNode {
  const { name } = metadata.triggerId ?? {};
  return (
    <>
      <Text max={200}>{toSourceWords(metadata, runSpec)}</Text>
      {name !== undefined && (
        <>
          {" "}
          <a href={triggerPath(pick(name), name.taskName, name.name)}>
            <Text max={100}>{name.name}</Text>
          </a>
        </>
      )}
    </>
  );
}

function toCacheWords(spec: RunSpec | undefined, isCacheable: boolean): string | undefined {
  if (spec?.overwriteCache === true || spec?.cacheConfig?.overwriteCache === true) {
    return "Overwritten";
  }
  if (!isCacheable) return undefined;
  const scope = spec?.cacheConfig?.cacheLookupScope;
  return scope === CacheLookupScope.PROJECT_DOMAIN ? "Of its project and domain" : "Used";
}
