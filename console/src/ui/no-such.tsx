import type { VNode } from "preact";
import { isNotFound } from "../control-plane/error-words.ts";
import { pagePath, type Scope } from "../scope.ts";
import { Empty } from "./empty.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { Text } from "./text.tsx";

/** What stands on the page of something that could not be read, or is not there. */
export function NoSuch({
  what,
  name,
  scope,
  error,
  retry,
}: {
  readonly what: "run" | "task" | "trigger" | "app";
  readonly name: string;
  readonly scope: Scope;
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}): VNode {
  const wayOn = (
    <p>
      <a href={pagePath(scope, [`${what}s`])}>
        Go to the {what}s of <Text max={60}>{scope.project}</Text>
      </a>
    </p>
  );
  if (!isNotFound(error)) {
    return (
      <>
        <ErrorNotice error={error} retry={retry} />
        {wayOn}
      </>
    );
  }
  return (
    <Empty title={`There is no such ${what}`}>
      <p>
        <Text max={60}>{name}</Text> is not in <Text max={60}>{scope.project}</Text>, domain{" "}
        <Text max={60}>{scope.domain}</Text>. Another project or domain may have it.
      </p>
      {wayOn}
    </Empty>
  );
}
