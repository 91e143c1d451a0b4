import type { VNode } from "preact";
import { FlyteError } from "../../../../src/shared/errors.ts";
import { isNotFound } from "../../control-plane/error-words.ts";
import { type Scope, taskPath } from "../../scope.ts";
import { Empty } from "../../ui/empty.tsx";
import { NoSuch } from "../../ui/no-such.tsx";
import { Text } from "../../ui/text.tsx";

/** What stands where a task, or the version of it that is asked for, is not there. */
export function NoTask({
  scope,
  task,
  version,
  error,
  retry,
}: {
  readonly scope: Scope;
  readonly task: string;
  readonly version: string | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}): VNode {
  // A task without any version is told apart by `latestVersion`.
  if (version === undefined || FlyteError.is(error) || !isNotFound(error)) {
    return <NoSuch what="task" name={task} scope={scope} error={error} retry={retry} />;
  }
  return (
    <Empty title="There is no such version">
      <p>
        <Text max={120}>{task}</Text> has no version <Text max={80}>{version}</Text> in{" "}
        <Text max={60}>{scope.project}</Text>, domain <Text max={60}>{scope.domain}</Text>.
      </p>
      <p>
        <a href={taskPath(scope, task)}>Show the latest version</a>
      </p>
    </Empty>
  );
}
