import type { WebhookInfo } from "./answers.ts";

/** What the group `all` stands for. */
const original: readonly string[] = ["core", "task", "run", "app", "trigger", "build", "prefetch"];

/** The option with which a webhook serves a further group besides all that it serves now. */
export function enablingOption(
  { endpoints, endpointsOff }: Pick<WebhookInfo, "endpoints" | "endpointsOff">,
  group: string,
): string {
  const off = new Set(endpointsOff.map((endpoint) => endpoint.group));
  const on = new Set(endpoints.map((endpoint) => endpoint.group));
  if ([...on].some((each) => off.has(each))) {
    const added = endpointsOff.filter((endpoint) => endpoint.group === group);
    return `--endpoints ${[...endpoints, ...added].map(({ name }) => name).join(" ")}`;
  }
  const groups = [...new Set([...on, group])];
  const hasOriginal = original.every((each) => groups.includes(each));
  const named = hasOriginal
    ? ["all", ...groups.filter((each) => !original.includes(each))]
    : groups;
  return `--endpoint-group ${named.join(" ")}`;
}
