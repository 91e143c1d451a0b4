import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { VNode } from "preact";
import { useCall } from "../../control-plane/use-call.ts";
import type { Scope } from "../../scope.ts";
import { shortenVersion } from "../../text/shorten-version.ts";
import { readVersions } from "./read-task.ts";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Chooses a version of a task; the choice stands in the address. */
export function VersionSelect({
  scope,
  task,
  version,
  onChange,
}: {
  readonly scope: Scope;
  readonly task: string;
  readonly version: string;
  readonly onChange: (version: string) => void;
}): VNode {
  const { data } = useCall(JSON.stringify(["versions", scope, task]), (signal) =>
    readVersions(scope, task, signal),
  );
  const known = data?.versions ?? [];
  const isKnown = known.some((each) => each.version === version);
  return (
    <select
      aria-label="Version"
      value={version}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {!isKnown && <option value={version}>{shortenVersion(version)}</option>}
      {known.map((each, index) => (
        <option key={each.version} value={each.version}>
          {shortenVersion(each.version)}
          {each.deployedAt !== undefined && ` · ${when.format(timestampDate(each.deployedAt))}`}
          {index === 0 && " · latest"}
        </option>
      ))}
      {data?.hasMore === true && <option disabled>Older ones are not listed</option>}
    </select>
  );
}
