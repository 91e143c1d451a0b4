import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { github } from "../../src/webhook/hooks/providers/github.ts";
import { parseExposition } from "../support/exposition.ts";
import { startTestWebhook } from "../support/webhook.ts";

const docs = resolve(import.meta.dirname, "../../docs");
const page = readFileSync(resolve(docs, "operations.md"), "utf8");
const dashboard = JSON.parse(readFileSync(resolve(docs, "grafana-dashboard.json"), "utf8"));

interface Described {
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows of the table of metrics. */
const described = new Map(
  [...page.matchAll(/^\| `(flyte_webhook_\w+)` \| (\w+) \| ([^|]*)\|/gm)].map(
    ([, name = "", type = "", labels = ""]): [string, Described] => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label) },
    ],
  ),
);

/** How a panel names the data source that was chosen. */
const ofVariable = ["$", "{datasource}"].join("");

/** Names in a query, those of a histogram without their ends. */
function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/\bflyte_webhook_\w+/g)].map(([name]) => name);
  return names.map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
}

test("the page describes the metrics that there are, and no others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-metrics-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const authenticator = bearerAuthenticator("key-of-callbacks");
  await using ofCallbacks = createControlPlane({ endpoint: "http://127.0.0.1:9", authenticator });
  await using webhook = await startTestWebhook({
    rateLimits: { global: "1000/min" },
    audit: { file: join(folder, "audit.jsonl") },
    callbacks: {
      controlPlane: ofCallbacks,
      secret: `whsec_${Buffer.alloc(32).toString("base64")}`,
      allow: ["ci.example.com"],
      file: join(folder, "callbacks.jsonl"),
    },
    hooks: [
      github({
        runAs: { token: "key-of-hook" },
        secret: "a secret of the hook, long enough to be one",
        start: () => undefined,
      }),
    ],
  });
  const families = parseExposition(await (await fetch(`${webhook.url}/metrics`)).text());
  const own = families.filter(({ name }) => name.startsWith("flyte_webhook_"));
  const types = (all: Iterable<readonly [string, string]>) => [...all].sort();
  expect(types(own.map(({ name, type }) => [name, type] as const))).toEqual(
    types([...described].map(([name, { type }]) => [name, type] as const)),
  );
  for (const { name, samples } of own) {
    const { labels } = described.get(name) ?? { labels: [] };
    for (const sample of samples) {
      expect(labels).toEqual(
        expect.arrayContaining(Object.keys(sample.labels).filter((label) => label !== "le")),
      );
    }
  }
});

test("the dashboard shows every metric and asks for no other, by labels that there are", () => {
  const asked = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => expr),
  );
  expect(new Set(asked.flatMap(namesIn))).toEqual(new Set(described.keys()));
  for (const expr of asked) {
    const labels = [...described].filter(([name]) => namesIn(expr).includes(name));
    const [, by = ""] = /by \(([^)]*)\)/.exec(expr) ?? [];
    for (const label of by.split(", ").filter((one) => !["", "le", "job"].includes(one))) {
      expect(labels.flatMap(([, metric]) => metric.labels)).toContain(label);
    }
  }
});

test("the dashboard can be imported: its data source is a variable, no panel has the place of another", () => {
  const [source] = dashboard.templating.list;
  expect(source).toMatchObject({ name: "datasource", type: "datasource", query: "prometheus" });
  const places = new Set<string>();
  for (const { id, datasource, gridPos, targets } of dashboard.panels) {
    expect(datasource.uid).toBe(ofVariable);
    for (const target of targets) expect(target.datasource.uid).toBe(ofVariable);
    places.add(`${gridPos.x}/${gridPos.y}`);
    places.add(`id ${id}`);
  }
  expect(places.size).toBe(2 * dashboard.panels.length);
});

test("the alerts of the page ask for metrics that there are", () => {
  const alerts = [...page.matchAll(/^ +expr: (.+)$/gm)].map(([, expr = ""]) => expr);
  expect(alerts.length).toBeGreaterThan(3);
  for (const name of alerts.flatMap(namesIn)) expect([...described.keys()]).toContain(name);
});
