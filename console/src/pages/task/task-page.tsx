import type { VNode } from "preact";
import type { PageProps } from "../../page-props.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";

export function TaskPage(_: PageProps): VNode {
  usePageTitle("Task");
  return <PageHeader title="Task" />;
}
