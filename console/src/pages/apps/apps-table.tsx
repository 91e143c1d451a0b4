import type { VNode } from "preact";
import type { App } from "../../../../src/idl/apps.ts";
import { appPath, type Scope } from "../../scope.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { AppAddress } from "./app-address-link.tsx";
import { toAppName } from "./app-list.ts";
import { AppStateBadge } from "./app-state-badge.tsx";
import { toReplicasText } from "./replicas-text.ts";

const headings = ["Name", "State", "Replicas", "Address", "Revision", "Deployed by", "Changed"];

export function AppsTable({
  scope,
  apps,
}: {
  readonly scope: Scope;
  readonly apps: readonly App[];
}): VNode {
  return (
    <TableFrame label="List of apps">
      <table class="table apps-table" aria-label="Apps">
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {apps.map((app) => (
            <AppRow key={toAppName(app)} scope={scope} app={app} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function AppRow({ scope, app }: { readonly scope: Scope; readonly app: App }): VNode {
  const name = toAppName(app);
  const description = app.spec?.profile?.shortDescription ?? "";
  return (
    <tr>
      <th scope="row">
        <a href={appPath(scope, name)}>
          <Text max={100}>{name}</Text>
        </a>
        {description !== "" && (
          <p class="muted app-description">
            <Text max={200}>{description}</Text>
          </p>
        )}
      </th>
      <td>
        <AppStateBadge app={app} />
      </td>
      <td data-label="Replicas">{toReplicasText(app)}</td>
      <td data-label="Address">
        <AppAddress app={app} />
      </td>
      <td data-label="Revision">{String(app.metadata?.revision ?? 0n)}</td>
      <td data-label="Deployed by">
        <Text max={60}>{toIdentityName(app.spec?.creator) ?? "–"}</Text>
      </td>
      <td data-label="Changed">
        <Time at={app.status?.lastUpdatedAt} isRelative />
      </td>
    </tr>
  );
}
