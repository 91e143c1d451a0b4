import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../../control-plane/use-action.ts";
import { matchPath } from "../../navigation/match-path.ts";
import { runPath, type Scope } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Text } from "../../ui/text.tsx";
import type { Delivery, Replay } from "../../webhook/answers.ts";
import { replayDelivery } from "../../webhook/inspect-client.ts";
import { Verdict } from "./verdict.tsx";

/** Gives a delivery to its hook once more, and says beforehand what that means. */
export function ReplayDialog({
  delivery,
  scope,
  onDone,
  onClose,
}: {
  readonly delivery: Delivery;
  readonly scope: Scope;
  readonly onDone: () => void;
  readonly onClose: () => void;
}): VNode {
  const [asNew, setAsNew] = useState(false);
  const [replay, setReplay] = useState<Replay>();
  const action = useAction(async () => {
    setReplay(undefined);
    setReplay(await replayDelivery(delivery, { asNew }));
    onDone();
  });
  return (
    <Dialog title="Replay a delivery" onClose={onClose}>
      <p>
        The hook <Text max={120}>{delivery.hook}</Text> gets the body that was kept once more,
        signed anew. It acts as it always does, and its code decides anew.
      </p>
      <fieldset class="choice">
        <legend>How</legend>
        <label>
          <input type="radio" name="how" checked={!asNew} onChange={() => setAsNew(false)} /> again,
          under its own id
          <span class="muted">
            A run that this delivery has started is found and not started anew. One that was not
            started is.
          </span>
        </label>
        <label>
          <input type="radio" name="how" checked={asNew} onChange={() => setAsNew(true)} /> as a new
          delivery
          <span class="muted">It gets a new id, so that a further run is started.</span>
        </label>
      </fieldset>
      <ErrorNotice error={action.error} />
      <div role="status">
        {replay !== undefined && <Outcome replay={replay} scope={delivery.run ?? scope} />}
      </div>
      <div class="row">
        <Button kind="primary" isBusy={action.isRunning} onClick={() => void action.run()}>
          {replay === undefined ? "Replay" : "Replay once more"}
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

function Outcome({ replay, scope }: { readonly replay: Replay; readonly scope: Scope }): VNode {
  const { status, verdict, delivery, run, reason, masked } = replay;
  return (
    <div class="notice stack">
      <p>
        <Verdict verdict={verdict} /> <span class="muted">answered {status}</span>
      </p>
      {[reason, masked].map(
        (text) =>
          text !== undefined && (
            <p key={text}>
              <Text max={2_000}>{text}</Text>
            </p>
          ),
      )}
      {delivery !== undefined && (
        <p class="muted">
          Delivery <Text max={300}>{delivery}</Text>
        </p>
      )}
      {run !== undefined && (
        <p>
          Run{" "}
          <a href={pathOfRun(run, scope)}>
            <Text max={120}>{run.name}</Text>
          </a>
        </p>
      )}
    </div>
  );
}

/** Where the run is on this console, by its address where that is one of a console. */
function pathOfRun({ name, url }: NonNullable<Replay["run"]>, scope: Scope): string {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  const found = matchPath("/v2/domain/:domain/project/:project/runs/:run", path);
  const { project, domain } = found ?? {};
  return runPath(project === undefined || domain === undefined ? scope : { project, domain }, name);
}
