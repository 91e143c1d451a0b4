import type { VNode } from "preact";
import type { PageProps } from "../../page-props.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";

export function TriggersPage(_: PageProps): VNode {
  usePageTitle("Triggers");
  return <PageHeader title="Triggers" />;
}
