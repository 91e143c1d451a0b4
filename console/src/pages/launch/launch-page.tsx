import type { VNode } from "preact";
import { FlyteError } from "../../../../src/shared/errors.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { launchPath, taskPath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { NoSuch } from "../../ui/no-such.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { Text } from "../../ui/text.tsx";
import "./launch.css";
import { LaunchForm } from "./launch-form.tsx";
import { loadLaunch } from "./load-launch.ts";

/** Starts a run of a task with inputs that are entered in a form. */
export function LaunchPage({ scope, params }: PageProps): VNode {
  const { task = "" } = params;
  usePageTitle(`Launch ${task}`);
  const [query] = useQuery();
  const version = query.get("version") ?? undefined;
  const from = query.get("from") ?? undefined;
  const asked = { scope, task, version, from };
  const { data, error, reload } = useCall(JSON.stringify(asked), (signal) =>
    loadLaunch(asked, signal),
  );
  return (
    <>
      <PageHeader title={`Launch ${task}`} above={{ title: task, href: taskPath(scope, task) }} />
      {FlyteError.is(error) && error.code === "not_found" ? (
        <NoSuch what="task" name={task} scope={scope} error={error} />
      ) : (
        <ErrorNotice error={error} retry={reload} />
      )}
      {data === undefined && error === undefined && <Loading what="the task" />}
      {data !== undefined && (
        <>
          <p class="muted">
            Version{" "}
            <a href={taskPath(scope, task, data.id.version)}>
              <Text max={80}>{data.id.version}</Text>
            </a>
            {data.id.version === data.latest ? (
              ", the latest."
            ) : (
              <>
                , which is not the latest.{" "}
                <a href={launchPath(scope, task, { version: data.latest, ...(from && { from }) })}>
                  Take the latest
                </a>
              </>
            )}
          </p>
          <LaunchForm key={JSON.stringify(asked)} scope={scope} launch={data} />
        </>
      )}
    </>
  );
}
