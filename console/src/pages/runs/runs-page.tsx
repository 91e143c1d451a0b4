import type { VNode } from "preact";
import type { PageProps } from "../../page-props.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";

export function RunsPage(_: PageProps): VNode {
  usePageTitle("Runs");
  return <PageHeader title="Runs" />;
}
