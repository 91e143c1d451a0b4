import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { stringifyJson } from "../src/shared/json.ts";
import type { Endpoint } from "../src/webhook/endpoint.ts";
import { endpoints } from "../src/webhook/endpoints.ts";
import type { Parameter } from "../src/webhook/parameters.ts";

/** Below this line of the page stands what follows from the endpoint table. */
const line =
  "<!-- Written by test/endpoints-page.test.ts: UPDATE_DOCS=1 npx vitest run test/endpoints-page.test.ts -->\n";
const file = resolve(import.meta.dirname, "../docs/endpoints.md");

function inCode(value: unknown): string {
  return `\`${stringifyJson(value as never)}\``;
}

function row({ name, kind, default: byDefault, required, place, added, description }: Parameter) {
  const value = required ? "required" : byDefault === undefined ? "" : inCode(byDefault);
  return `| \`${name}\` | ${kind} | ${value} | ${added ? "" : place} | ${description} |`;
}

function section(endpoint: Endpoint): string {
  const { name, group, method, path, summary, parameters, body, bodyExample } = endpoint;
  const table = [
    "| parameter | kind | default | the original's place | |",
    "| --- | --- | --- | --- | --- |",
    ...parameters.map(row),
  ];
  const sent = body?.example ?? bodyExample;
  return [
    `### \`${method} ${path}\`\n`,
    `\`${name}\`, group \`${group}\`${endpoint.public ? ", needs no credential" : ""}. ${summary}.\n`,
    ...(parameters.length > 0 ? [`${table.join("\n")}\n`] : []),
    ...(sent === undefined
      ? []
      : [`Body${body?.required ? "" : " (optional)"}, for example ${inCode(sent)}\n`]),
    `Answer, for example ${inCode(endpoint.example)}\n`,
  ].join("\n");
}

test("the page of endpoints says what the endpoint table says", () => {
  const [prose, written] = readFileSync(file, "utf8").split(line);
  const expected = `\n${endpoints.map(section).join("\n")}`;
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(file, `${prose}${line}${expected}`);
  else expect(written).toBe(expected);
});

test("the page of endpoints lists every group with its endpoints", () => {
  const [prose = ""] = readFileSync(file, "utf8").split(line);
  for (const group of new Set(endpoints.map((endpoint) => endpoint.group))) {
    const names = endpoints.filter((endpoint) => endpoint.group === group).map(({ name }) => name);
    expect(prose).toContain(`| \`${group}\` | ${names.map((name) => `\`${name}\``).join(", ")} |`);
  }
});
