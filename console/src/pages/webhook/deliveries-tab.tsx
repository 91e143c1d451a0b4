import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCall } from "../../control-plane/use-call.ts";
import { useRefresh } from "../../control-plane/use-refresh.ts";
import { useQuery } from "../../navigation/location.ts";
import type { Scope } from "../../scope.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Text } from "../../ui/text.tsx";
import type { Delivery, WebhookInfo } from "../../webhook/answers.ts";
import { listDeliveries } from "../../webhook/inspect-client.ts";
import { DeliveriesTable } from "./deliveries-table.tsx";
import { DeliveryDialog } from "./delivery-dialog.tsx";
import { NotInspector } from "./not-inspector.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";

/** Each question is a line of the audit log, so they are few. */
const pollMs = 15_000;

/** What came to the hooks lately, and what became of it. */
export function DeliveriesTab({
  info,
  scope,
}: {
  readonly info: WebhookInfo;
  readonly scope: Scope;
}): VNode {
  if (info.hooks.length === 0) return <NoHooks />;
  if (!info.inspector) return <NotInspector what="the deliveries" />;
  return <Deliveries info={info} scope={scope} />;
}

interface Shown {
  readonly delivery: Delivery;
  readonly as: "detail" | "replay";
}

function Deliveries({ info, scope }: { readonly info: WebhookInfo; readonly scope: Scope }): VNode {
  const [query, changeQuery] = useQuery();
  const hook = info.hooks.find(({ name }) => name === query.get("hook"))?.name;
  const { data, error, isLoading, reload } = useCall(`deliveries ${hook ?? ""}`, (signal) =>
    listDeliveries(hook, signal),
  );
  useRefresh(reload, { everyMs: pollMs });
  const [shown, setShown] = useState<Shown>();
  const close = (): void => setShown(undefined);
  return (
    <>
      <div class="row">
        <select
          aria-label="Hook"
          value={hook ?? ""}
          onChange={(event) => changeQuery({ hook: event.currentTarget.value })}
        >
          <option value="">All hooks</option>
          {info.hooks.map(({ name }) => (
            <option key={name} value={name}>
              {toAttributeText(name, 80)}
            </option>
          ))}
        </select>
        <Button onClick={reload} isBusy={isLoading}>
          Refresh
        </Button>
        <span class="muted">The last 100 of each hook since the webhook started.</span>
      </div>
      <ErrorNotice error={error} retry={reload} />
      {data === undefined && error === undefined && <Loading what="the deliveries" />}
      {data?.length === 0 && <NoDeliveries info={info} hook={hook} />}
      {data !== undefined && data.length > 0 && (
        <DeliveriesTable
          deliveries={data}
          onOpen={(delivery) => setShown({ delivery, as: "detail" })}
          onReplay={(delivery) => setShown({ delivery, as: "replay" })}
        />
      )}
      {shown?.as === "detail" && (
        <DeliveryDialog
          delivery={shown.delivery}
          keepsPayloads={info.hooks.some(
            (one) => one.name === shown.delivery.hook && one.keepsPayloads,
          )}
          onReplay={() => setShown({ ...shown, as: "replay" })}
          onClose={close}
        />
      )}
      {shown?.as === "replay" && (
        <ReplayDialog delivery={shown.delivery} scope={scope} onDone={reload} onClose={close} />
      )}
    </>
  );
}

function NoDeliveries({
  info,
  hook,
}: {
  readonly info: WebhookInfo;
  readonly hook: string | undefined;
}): VNode {
  const { path, provider } = info.hooks.find(({ name }) => name === hook) ?? info.hooks[0] ?? {};
  return (
    <Empty
      title="Nothing has come yet"
      command={`flyte-webhook send ${provider} --to http://WEBHOOK${path}`}
    >
      <p>
        The command sends one as <Text max={60}>{provider ?? ""}</Text> would; it reads the secret
        of the hook from <code>FLYTE_WEBHOOK_HOOK_SECRET</code>.
      </p>
    </Empty>
  );
}

function NoHooks(): VNode {
  return (
    <Empty title="This webhook has no hooks" command="flyte-webhook serve hook.ts">
      <p>
        A hook takes signed deliveries of GitHub and others, and starts a task for them. It is code,
        which the command below serves.
      </p>
    </Empty>
  );
}
