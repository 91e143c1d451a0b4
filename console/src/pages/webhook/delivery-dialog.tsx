import type { VNode } from "preact";
import { parseJson, stringifyJson } from "../../../../src/shared/json.ts";
import { runPath } from "../../scope.ts";
import { toDurationText } from "../../text/durations.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import type { Delivery } from "../../webhook/answers.ts";
import { Verdict } from "./verdict.tsx";

/** All that is known of a delivery. */
export function DeliveryDialog({
  delivery,
  keepsPayloads,
  onReplay,
  onClose,
}: {
  readonly delivery: Delivery;
  readonly keepsPayloads: boolean;
  readonly onReplay: () => void;
  readonly onClose: () => void;
}): VNode {
  const {
    hook,
    receivedAt,
    requestId,
    verdict,
    status,
    durationMs,
    reason,
    id,
    type,
    run,
    body,
    replayOf,
  } = delivery;
  const facts: readonly (readonly [name: string, value: VNode | string])[] = [
    ["Came", <Time at={new Date(receivedAt)} />],
    ["Hook", <Text max={120}>{hook}</Text>],
    ["Type", <Text max={300}>{type ?? "–"}</Text>],
    ["Id of the provider", <Text max={300}>{id ?? "–"}</Text>],
    ["Answered", `${status} after ${toDurationText(durationMs)}`],
    ["Request", <Text max={300}>{requestId}</Text>],
    ...(replayOf === undefined
      ? []
      : [["Replay of request", <Text max={300}>{replayOf}</Text>] as const]),
  ];
  return (
    <Dialog title="Delivery" onClose={onClose}>
      <p>
        <Verdict verdict={verdict} />
        {reason !== undefined && (
          <>
            {" "}
            <Text>{reason}</Text>
          </>
        )}
      </p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        {run !== undefined && (
          <Fact name="Run">
            <a href={runPath(run, run.name)}>
              <Text max={120}>{run.name}</Text>
            </a>
          </Fact>
        )}
      </dl>
      <h3>Body</h3>
      {body === undefined ? (
        <p class="muted">
          {keepsPayloads ? (
            "Not kept: it was not proved, or is too long."
          ) : (
            <>
              Not kept: the hook says no <code>keepPayloads</code>.
            </>
          )}
        </p>
      ) : (
        <CodeBlock text={indented(body)} label="Body" />
      )}
      <div class="row">
        {delivery.canReplay && (
          <Button kind="primary" onClick={onReplay}>
            Replay
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** JSON on lines of its own; what is none as it is. */
function indented(body: string): string {
  try {
    return stringifyJson(parseJson(body), 2);
  } catch {
    return body;
  }
}
