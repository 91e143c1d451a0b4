import type { AppCondition, AppStatus } from "../../client/app-calls.ts";
import type { JsonObject } from "../../shared/json.ts";
import { confirm } from "../ask.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, print, printJson, printTime, table } from "../output.ts";

/** `flyte-webhook get app`: one app, or those of the project and domain, the newest first. */
export async function getApp(
  name: string | undefined,
  options: ConnectionOptions & { readonly limit: number },
): Promise<void> {
  await using controlPlane = await connect(options);
  if (name !== undefined) return showApp(await controlPlane.apps.get({ name }), options);
  const apps: AppStatus[] = [];
  for await (const app of controlPlane.apps.list({}, { limit: options.limit })) apps.push(app);
  if (options.json === true) return printJson(apps.map(appToJson));
  print(
    table(
      ["name", "phase", "replicas", "endpoint"],
      apps.map((app) => [app.name, printState(app), String(app.replicas), app.endpoint || "-"]),
    ),
  );
}

/** `flyte-webhook delete app`: what was named wrongly is told, not taken for deleted. */
export async function deleteApp(
  name: string,
  options: ConnectionOptions & { readonly yes?: boolean },
): Promise<void> {
  await using controlPlane = await connect(options);
  const app = await controlPlane.apps.get({ name });
  if (options.yes !== true) await confirm(`Delete the app ${name}?`);
  await controlPlane.apps.delete(app);
  if (options.json === true) return printJson({ name, deleted: true });
  print(fields([["deleted", name]]));
}

/** Shows one app with all that is known of it. */
export function showApp(app: AppStatus, options: ConnectionOptions): void {
  if (options.json === true) {
    printJson(appToJson(app));
    return;
  }
  print(
    fields([
      ["app", app.name],
      ["phase", printState(app)],
      ["message", app.message],
      ["replicas", String(app.replicas)],
      ["revision", String(app.revision)],
      ["endpoint", app.endpoint],
      ["project", app.project],
      ["domain", app.domain],
      ["creator", app.creator],
      ["created", app.createdAt && printTime(app.createdAt)],
      ["source", app.sourceLink],
      ["url", app.url],
    ]),
  );
  if (app.links.length > 0) {
    print(
      `\n${fields(app.links.map((link) => [link.title || "link", toAddress(app, link.path)]))}`,
    );
  }
  if (app.conditions.length > 1) print(`\n${conditionTable(app.conditions)}`);
}

function conditionTable(conditions: readonly AppCondition[]): string {
  return table(
    ["since", "phase", "revision", "message"],
    conditions.map((condition) => [
      printTime(condition.time),
      printState(condition),
      String(condition.revision),
      condition.message || "-",
    ]),
  );
}

/** The phase, and what it is about where that says more. */
export function printState({ phase, substate }: Pick<AppCondition, "phase" | "substate">): string {
  return substate === "unspecified" ? phase : `${phase} (${substate})`;
}

/** Paths of an app mean its own address. */
function toAddress({ endpoint }: AppStatus, path: string): string {
  return URL.canParse(path, endpoint) ? new URL(path, endpoint).href : path;
}

/** What `--json` tells of an app. */
function appToJson(app: AppStatus): JsonObject {
  return {
    name: app.name,
    project: app.project,
    domain: app.domain,
    revision: app.revision,
    phase: app.phase,
    substate: app.substate,
    message: app.message,
    isActive: app.isActive,
    isDeactivated: app.isDeactivated,
    replicas: app.replicas,
    endpoint: app.endpoint,
    url: app.url,
    creator: app.creator ?? null,
    createdAt: app.createdAt?.toISOString() ?? null,
    sourceLink: app.sourceLink ?? null,
    links: app.links.map((link) => ({ ...link })),
    conditions: app.conditions.map(({ time, ...condition }) => ({
      ...condition,
      time: time?.toISOString() ?? null,
    })),
  };
}
