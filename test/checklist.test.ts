import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { conformanceCases } from "./support/conformance/conformance-cases.ts";
import { proofFault } from "./support/find-proof.ts";

const page = readFileSync(resolve(import.meta.dirname, "../docs/checklist.md"), "utf8");

const numbered = (section: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${section}-${index + 1}`);

const lettered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

const promises = [
  ...numbered("S0", 38),
  ...numbered("S1", 34),
  ...numbered("S2", 45),
  ...numbered("S3", 50),
  ...numbered("S4", 30),
];
/** Of what is offered around the webhook. */
const features = [
  ...lettered("A", 13),
  ...lettered("B", 6),
  ...lettered("D", 6),
  ...lettered("E", 6),
  ...lettered("F", 15),
  ...lettered("G", 11),
  ...lettered("H", 7),
  ...lettered("I", 5),
  ...lettered("J", 12),
];
const contradictions = numbered("C", 29);

interface Row {
  readonly id: string;
  readonly cells: readonly string[];
}

/** The rows of the page's tables that begin with an id. */
function rowsOf(text: string): readonly Row[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [before, id = "", ...others] = cells;
    return before === "" && /^(?:[A-Z]\d*-|[A-Z])\d+$/.test(id)
      ? [{ id, cells: others.slice(0, -1) }]
      : [];
  });
}

function idsOf(text: string, section: RegExp): readonly string[] {
  return rowsOf(text)
    .map(({ id }) => id)
    .filter((id) => section.test(id));
}

const reason = /^not here: .{15,}$/;

/** What is wrong with one proof or reason, or nothing. */
function faultOf(text: string): string | undefined {
  return reason.test(text) ? undefined : proofFault(text);
}

function faultsOf(text: string): readonly string[] {
  return rowsOf(text)
    .filter(({ id }) => promises.includes(id) || features.includes(id))
    .flatMap(({ id, cells }) => {
      const [promise = "", proofs = "", ...others] = cells;
      if (promise === "" || others.length > 0) return [`${id}: not three columns`];
      const faults = proofs.split("<br>").map((part) => faultOf(part.trim()));
      return faults.filter((fault) => fault !== undefined).map((fault) => `${id}: ${fault}`);
    });
}

test("every promise is on the page once, in order", () => {
  expect(idsOf(page, /^S/)).toEqual(promises);
});

test("so is all that is offered around the webhook", () => {
  expect(idsOf(page, /^[A-Z]\d+$/)).toEqual(features);
});

test("every contradiction is on the page once, in order, with what is said, what holds and the lines that hold it", () => {
  expect(idsOf(page, /^C/)).toEqual(contradictions);
  for (const { id, cells } of rowsOf(page).filter((row) => contradictions.includes(row.id))) {
    expect(`${id} ${cells.filter((cell) => cell !== "").length}`).toBe(`${id} 2`);
    const lines = cells.join(" ").match(/\b(?:S\d+-|[ABD-J])\d+(?=[,) ])/g) ?? [];
    expect(lines.filter((line) => ![...promises, ...features].includes(line))).toEqual([]);
    expect(`${id} ${lines.length > 0}`).toBe(`${id} true`);
  }
});

test("a row of the table of cases that is named is in the table", () => {
  const cases = conformanceCases.map(({ endpoint, when }) => `${endpoint} when ${when}`);
  const named = page.matchAll(
    /`test\/integration\/webhook-conformance-cases\.test\.ts`: (\w+ when [^|<]+)/g,
  );
  for (const [, name = ""] of named) expect(cases).toContain(name.trim());
});

test("every promise has a test that is there, or the reason why there is none", () => {
  expect(faultsOf(page)).toEqual([]);
});

describe("a fault is noticed:", () => {
  const file = "test/architecture.test.ts";
  const name = "imports follow the layers";
  test.each([
    ["no proof", "", /no proof/],
    ["words in its place", "it is tested", /no proof/],
    ["a reason that says nothing", "not here: no", /no proof/],
    ["a file that is not there", `\`test/absent.test.ts\`: ${name}`, /there is no/],
    ["a file that is no test", `\`src/index.ts\`: ${name}`, /no proof/],
    ["a test that is not there", `\`${file}\`: imports follow`, /no test/],
    ["a describe that is not there", `\`${file}\`: house > ${name}`, /no test/],
    [
      "a table's value that is not there",
      '`src/client/endpoint.test.ts`: "z.com" is refused',
      /no test/,
    ],
    [
      "a name of two tests",
      "`src/app/environment/app-environment.test.ts`: 5 is refused",
      /2 tests/,
    ],
    ["one of two proofs", `\`${file}\`: ${name}<br>`, /no proof/],
    ["a fourth column", `\`${file}\`: ${name} | more`, /three columns/],
  ])("%s", (_, proofs, says) => {
    expect(faultsOf(`| S0-1 | something | ${proofs} |`)).toEqual([expect.stringMatching(says)]);
  });

  test("none where none is", () => {
    const text = [
      `| S0-1 | something | \`${file}\`: ${name}<br>not here: for a reason that is told |`,
      "| S0-2 | a table | `src/app/environment/value-classes.test.ts`: port 9090 is reserved |",
      "| S0-3 | in a describe | `test/integration/main-flow.test.ts`: what is wrong is said, and nothing is started > an unknown run is 404 |",
    ].join("\n");
    expect(faultsOf(text)).toEqual([]);
    expect(idsOf(text, /^S/)).toEqual(["S0-1", "S0-2", "S0-3"]);
  });
});
