import type { VNode } from "preact";
import { useCall } from "../../control-plane/use-call.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import type { Scope } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { Tabs } from "../../ui/tabs.tsx";
import { Text } from "../../ui/text.tsx";
import type { WebhookInfo } from "../../webhook/answers.ts";
import { inspectWebhook } from "../../webhook/inspect-client.ts";
import { isProblem } from "../../webhook/problem-error.ts";
import { AllowlistsTab } from "./allowlists-tab.tsx";
import { AuditTab } from "./audit-tab.tsx";
import { DecisionTab } from "./decision-tab.tsx";
import { DeliveriesTab } from "./deliveries-tab.tsx";
import { EndpointsTab } from "./endpoints-tab.tsx";
import { NotInspectable, NoWebhook } from "./no-webhook.tsx";
import { WebhookAddressBar } from "./webhook-address-bar.tsx";
import "./webhook.css";

const tabs = [
  { id: "endpoints", label: "Endpoints" },
  { id: "allowlists", label: "Allowlists" },
  { id: "decision", label: "May I?" },
  { id: "deliveries", label: "Deliveries" },
  { id: "audit", label: "Audit" },
] as const;

/** What the webhook of this devbox serves and allows, and what came to it. */
export function WebhookPage({ scope }: PageProps): VNode {
  usePageTitle("Webhook");
  const { data, error, reload } = useCall("webhook", inspectWebhook);
  return (
    <>
      <PageHeader title="Webhook">
        {data !== undefined && (
          <span class="muted">
            <Text max={120}>{data.name}</Text> <Text max={40}>{data.version}</Text>
          </span>
        )}
      </PageHeader>
      <WebhookAddressBar />
      {error !== undefined && <Failure error={error} retry={reload} />}
      {data === undefined && error === undefined && <Loading what="the webhook" />}
      {data !== undefined && <Sections info={data} scope={scope} />}
    </>
  );
}

function Failure({ error, retry }: { readonly error: unknown; readonly retry: () => void }): VNode {
  if (isProblem(error, "no_webhook")) return <NoWebhook />;
  if (isProblem(error, "endpoint_not_found")) return <NotInspectable />;
  return <ErrorNotice error={error} retry={retry} />;
}

function Sections({ info, scope }: { readonly info: WebhookInfo; readonly scope: Scope }): VNode {
  const [query, changeQuery] = useQuery();
  const asked = query.get("tab");
  const current = tabs.find(({ id }) => id === asked)?.id ?? tabs[0].id;
  const open = (id: string): void => {
    // What the address says besides belongs to the section that is left.
    const others = Object.fromEntries([...query.keys()].map((name) => [name, undefined]));
    changeQuery({ ...others, tab: id === tabs[0].id ? undefined : id });
  };
  return (
    <Tabs label="Sections of the webhook" tabs={tabs} current={current} onChange={open}>
      {current === "endpoints" && <EndpointsTab info={info} />}
      {current === "allowlists" && <AllowlistsTab info={info} />}
      {current === "decision" && <DecisionTab info={info} scope={scope} />}
      {current === "deliveries" && <DeliveriesTab info={info} scope={scope} />}
      {current === "audit" && <AuditTab info={info} />}
    </Tabs>
  );
}
