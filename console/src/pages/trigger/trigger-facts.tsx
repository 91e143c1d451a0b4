import type { VNode } from "preact";
import type { TriggerDetails } from "../../../../src/idl/triggers.ts";
import { runPath, taskPath } from "../../scope.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { Fact } from "../../ui/fact.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Version } from "../../ui/version.tsx";
import { ScheduleText } from "../triggers/schedule-text.tsx";
import { nextFireOf, type TriggerRow } from "../triggers/trigger-row.ts";

export interface TriggerFactsProps {
  readonly row: TriggerRow;
  readonly details: TriggerDetails;
  /** The newest run, which the last fire started. */
  readonly lastRun: string | undefined;
}

/** What a trigger is, who made it so, and when it fires. */
export function TriggerFacts({ row, details, lastRun }: TriggerFactsProps): VNode {
  const { spec, metadata, status } = details;
  const next = nextFireOf(row, useNow());
  const deployer = toIdentityName(metadata?.deployedBy);
  const owner = toIdentityName(metadata?.updatedBy);
  const timeInput = row.schedule?.kickoffTimeInputArg ?? "";
  const { labels, envs } = spec?.runSpec ?? {};
  const settings = [
    ...Object.entries(labels?.values ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(envs?.values ?? []).map(({ key, value }) => `${key}=${value}`),
  ];
  return (
    <dl class="facts card trigger-facts">
      <Fact name="Task">
        <a href={taskPath(row, row.task, spec?.taskVersion)}>
          <Text max={100}>{row.task}</Text>
        </a>
        <div class="muted">
          <Version>{spec?.taskVersion ?? ""}</Version>
        </div>
      </Fact>
      <Fact name="Schedule">
        <ScheduleText schedule={row.schedule} />
      </Fact>
      <Fact name="Next fire">
        {next === undefined ? (
          <span class="muted">{row.isActive ? "none" : "none: it is switched off"}</span>
        ) : (
          <>
            <Time at={new Date(next)} isRelative />
            <div class="muted">
              <Time at={new Date(next)} />
            </div>
          </>
        )}
      </Fact>
      <Fact name="Last fire">
        {status?.triggeredAt === undefined ? (
          <span class="muted">never</span>
        ) : (
          <Time at={status.triggeredAt} isRelative />
        )}
        {lastRun !== undefined && (
          <div>
            <a class="mono" href={runPath(row, lastRun)}>
              <Text max={80}>{lastRun}</Text>
            </a>
          </div>
        )}
      </Fact>
      <Fact name="Deployed">
        <Time at={status?.deployedAt} />
        {deployer !== undefined && (
          <div class="muted">
            by <Text max={100}>{deployer}</Text>
          </div>
        )}
      </Fact>
      <Fact name="Deployed or switched last">
        <Time at={status?.updatedAt} />
        {owner !== undefined && (
          <div class="muted">
            by <Text max={100}>{owner}</Text>, who owns the runs of its schedule
          </div>
        )}
      </Fact>
      <Fact name="Input of the fire time">
        {timeInput === "" ? (
          <span class="muted">none</span>
        ) : (
          <code>
            <Text max={100}>{timeInput}</Text>
          </code>
        )}
      </Fact>
      <Fact name="Revision">{row.revision.toString()}</Fact>
      {settings.length > 0 && (
        <Fact name="Labels and environment of its runs">
          {settings.map((setting) => (
            <span class="chip" key={setting}>
              <Text max={200}>{setting}</Text>
            </span>
          ))}
        </Fact>
      )}
    </dl>
  );
}
