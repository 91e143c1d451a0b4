import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { authTypes } from "../src/client/auth/auth-type.ts";
import {
  apiKeyVariables,
  configFileVariables,
  settingNames,
  settings,
} from "../src/client/config/settings.ts";

const root = resolve(import.meta.dirname, "..");
const page = readFileSync(resolve(root, "docs/configuration.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("|"));
const variables = [
  ...settingNames.flatMap((name) => settings[name].env),
  ...apiKeyVariables,
  ...configFileVariables,
];

test.each(settingNames)(
  "the page has a row for %s with its key and its variables in order",
  (name) => {
    const { key, env } = settings[name];
    const start = `| \`${key}\` | ${env.map((variable) => `\`${variable}\``).join(", ")} |`;
    expect(rows.filter((row) => row.startsWith(start))).toHaveLength(1);
  },
);

test("the page names every variable that the client's code mentions", () => {
  const folder = resolve(root, "src/client");
  const code = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(resolve(folder, file), "utf8"))
    .join("\n");
  const mentioned =
    code.match(/(?<!\.)\b(?:FLYTE|_U|_UNION|UCTL|FLYTECTL|EAGER)_[A-Z][A-Z_]*\b/g) ?? [];
  expect(mentioned.length).toBeGreaterThan(10);
  for (const variable of new Set([...mentioned, ...variables])) {
    expect(page).toContain(`\`${variable}\``);
  }
});

test("the client's code reads the process environment in one place", () => {
  const folder = resolve(root, "src/client");
  const readers = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      file.endsWith(".ts") &&
      !file.endsWith(".test.ts") &&
      /process\.env\b(?!`)/.test(readFileSync(resolve(folder, file), "utf8")),
  );
  expect(readers).toEqual(["init.ts"]);
});

test("the page has a row for every option of the webhook", () => {
  const code = ["options", "select-endpoints"]
    .map((name) => readFileSync(resolve(root, `src/webhook/${name}.ts`), "utf8"))
    .map((text) => /export interface (?:WebhookOptions|EndpointSelection).*?\n\}/s.exec(text)?.[0])
    .join("\n");
  const names = [...code.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    const named = rows.filter((row) => row.split("|")[1]?.includes(`\`${name}\``));
    expect(named.length, name).toBeGreaterThan(0);
  }
});

test("the page names no variable that is not read", () => {
  const named = page.match(/`(?:FLYTE|_U|_UNION|UCTL|FLYTECTL|EAGER)_[A-Z_]+`/g) ?? [];
  for (const variable of named) expect(variables).toContain(variable.slice(1, -1));
});

test("the page has a row for every option, and for every auth type", () => {
  const code = readFileSync(resolve(root, "src/client/init-options.ts"), "utf8");
  const options = [...code.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => `\`${name}\``);
  expect(options.length).toBeGreaterThan(15);
  const inside = ["`env`", "`cwd`", "`home`", "`interactive`"];
  for (const option of options.filter((name) => !inside.includes(name))) {
    expect(rows.filter((row) => row.includes(`| ${option} |`))).toHaveLength(1);
  }
  for (const type of authTypes) {
    expect(rows.filter((row) => row.startsWith(`| \`${type}\``))).toHaveLength(1);
  }
});
