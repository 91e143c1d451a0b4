import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { conformanceCases } from "./support/conformance/conformance-cases.ts";
import { proofFault } from "./support/find-proof.ts";

const page = readFileSync(resolve(import.meta.dirname, "../docs/compatibility.md"), "utf8");

const header =
  '| the original | here | under `compat: "upstream"` | test |\n| --- | --- | --- | --- |';

/** The rows of every table of differences; other tables are a fault of the page. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const tables = text.match(/^\|.*(?:\n\|.*)*/gm) ?? [];
  return tables.flatMap((table) => {
    const [first, second, ...rows] = table.split("\n");
    if (`${first}\n${second}` !== header) throw new Error(`another table: ${first}`);
    return rows.map((row) => {
      const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
      return cells.slice(1, -1);
    });
  });
}

/** Which of the two the mode follows, and what there is to add. */
const mode = /^as (?:here|the original)(?:, \S.*)?$/;

function faultsOf(text: string): readonly string[] {
  return rowsOf(text).flatMap((cells) => {
    const [original = "", here = "", upstream = "", proofs = ""] = cells;
    const name = original.slice(0, 60);
    if (cells.length !== 4 || original === "" || here === "") return [`${name}: not four columns`];
    if (!mode.test(upstream)) return [`${name}: neither as here nor as the original`];
    return proofs.split("<br>").flatMap((proof) => {
      const fault = proofFault(proof.trim());
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
  });
}

test("every difference says what the mode of the original does, and has a test that is there", () => {
  expect(faultsOf(page)).toEqual([]);
});

test("every row of the table of cases that is named is in it", () => {
  const cases = conformanceCases.map(({ endpoint, when }) => `${endpoint} when ${when}`);
  const named = page.matchAll(/webhook-conformance-cases\.test\.ts`: (\w+ when [^|<]+)/g);
  const names = [...named].map(([, name = ""]) => name.trim());
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(cases).toContain(name);
});

test("every section of differences has some", () => {
  const [differences = ""] = page.split("\n## What stays");
  const [, ...sections] = differences.split(/^## /m);
  expect(sections.length).toBeGreaterThan(1);
  for (const section of sections) {
    const [title] = section.split("\n");
    expect(`${title} ${rowsOf(section).length > 0}`).toBe(`${title} true`);
  }
});

test("no difference is told twice", () => {
  const told = rowsOf(page).map(([original]) => original);
  expect(told).toEqual([...new Set(told)]);
});

describe("a fault is noticed:", () => {
  const there = "`test/architecture.test.ts`: imports follow the layers";
  const row = (...cells: readonly string[]): string => `${header}\n| ${cells.join(" | ")} |`;

  test.each([
    ["no test", row("one", "two", "as here", ""), /no proof/],
    ["no cell for one", row("one", "two", "as here"), /four columns/],
    ["a cell too many", row("one", "two", "as here", there, there), /four columns/],
    ["nothing said of the original", row("", "two", "as here", there), /four columns/],
    ["nothing said of the mode", row("one", "two", "", there), /neither/],
    ["a mode of its own", row("one", "two", "as nowhere", there), /neither/],
    ["words in place of a test", row("one", "two", "as here", "it is tested"), /no proof/],
    ["a file without tests", row("one", "two", "as here", "`src/index.ts`: x"), /no proof/],
    ["an absent file", row("one", "two", "as here", "`test/absent.test.ts`: x"), /there is no/],
    ["an absent test", row("one", "two", "as here", there.slice(0, -1)), /no test/],
    ["an absent second test", row("one", "two", "as here", `${there}<br>`), /no proof/],
    [
      "a describe that is not around the test",
      row("one", "two", "as here", there.replace(": ", ": house > ")),
      /no test/,
    ],
    [
      "a test's value that is not written anywhere",
      row("one", "two", "as here", '`src/client/endpoint.test.ts`: "z.com" is refused'),
      /no test/,
    ],
    [
      "a name of two tests",
      row("one", "two", "as here", "`src/app/environment/app-environment.test.ts`: 5 is refused"),
      /2 tests/,
    ],
  ])("%s", (_, text, says) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(says)]);
  });

  test("a table with other columns", () => {
    expect(() => faultsOf("| one | two |\n| --- | --- |\n| 1 | 2 |")).toThrow("another table");
  });

  test("none where none is", () => {
    const second = "`src/app/environment/value-classes.test.ts`: port 9090 is reserved";
    expect(
      faultsOf(row("a \\| b", "c", "as the original, mostly", `${there}<br>${second}`)),
    ).toEqual([]);
  });
});
