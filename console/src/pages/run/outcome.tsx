import type { VNode } from "preact";
import { type ActionDetails, ErrorInfo_Kind } from "../../../../src/idl/runs.ts";
import { toPhase } from "../../../../src/values/phases.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Identity } from "../../ui/identity.tsx";
import { Text } from "../../ui/text.tsx";

const kinds: ReadonlyMap<ErrorInfo_Kind, string> = new Map([
  [ErrorInfo_Kind.USER, "user: the task’s own code"],
  [ErrorInfo_Kind.SYSTEM, "system: what runs the task"],
]);

/** Why an action ended without success; nothing for all others. */
export function Outcome({ details }: { readonly details: ActionDetails }): VNode | null {
  const { result } = details;
  const phase = toPhase(details.status?.phase ?? 0);
  if (result.case === "abortInfo") {
    const { reason, abortedBy } = result.value;
    return (
      <section class="notice notice-warn run-outcome" aria-labelledby="outcome">
        <h2 id="outcome">Aborted</h2>
        <p>
          By{" "}
          {abortedBy === undefined ? <span>the control plane</span> : <Identity of={abortedBy} />}
          {reason === "" ? ", without a reason." : ":"}
        </p>
        {reason !== "" && (
          <p class="run-prompt">
            <Text max={4_000}>{reason}</Text>
          </p>
        )}
      </section>
    );
  }
  if (phase !== "failed" && phase !== "timed_out") return null;
  const error = result.case === "errorInfo" ? result.value : undefined;
  const kind = kinds.get(error?.kind ?? ErrorInfo_Kind.UNSPECIFIED);
  return (
    <section class="notice notice-error run-outcome" aria-labelledby="outcome">
      <div class="row">
        <h2 id="outcome">{phase === "timed_out" ? "Timed out" : "Error"}</h2>
        {kind !== undefined && <span>{kind}</span>}
      </div>
      {error === undefined || error.message === "" ? (
        <p>
          {phase === "timed_out"
            ? "It did not end in the time that its task has."
            : "It failed without a message. Its log may say more."}
        </p>
      ) : (
        <CodeBlock text={error.message} label="error message" />
      )}
    </section>
  );
}
