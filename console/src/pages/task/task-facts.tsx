import type { VNode } from "preact";
import type { TaskDetails } from "../../../../src/idl/tasks.ts";
import { Fact } from "../../ui/fact.tsx";
import { Identity } from "../../ui/identity.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { specFacts } from "./spec-facts.ts";

/** Who deployed a version and when, and what its specification says. */
export function TaskFacts({
  details,
  isLatest,
}: {
  readonly details: TaskDetails;
  readonly isLatest: boolean;
}): VNode {
  const { taskId, metadata, spec } = details;
  return (
    <section class="card" aria-label="Version">
      <dl class="facts">
        <Fact name="Version" width="wide">
          <span class="mono">
            <Text max={80}>{taskId?.version ?? ""}</Text>
          </span>{" "}
          <span class="chip">{isLatest ? "latest" : "earlier"}</span>
        </Fact>
        <Fact name="Deployed">
          <Time at={metadata?.deployedAt} />
        </Fact>
        <Fact name="Deployed by">
          <Identity of={metadata?.deployedBy} />
        </Fact>
        {specFacts(spec).map(([name, text]) => (
          <Fact key={name} name={name}>
            <Text max={500}>{text}</Text>
          </Fact>
        ))}
      </dl>
    </section>
  );
}
