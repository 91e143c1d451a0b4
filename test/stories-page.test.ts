import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { proofFault } from "./support/find-proof.ts";

const page = readFileSync(resolve(import.meta.dirname, "../docs/stories.md"), "utf8");

interface Story {
  readonly number: number;
  readonly lines: readonly string[];
}

/** The stories of a page, in its order. */
function storiesOf(text: string): readonly Story[] {
  return text.split(/^### (?=\d+\. )/m).flatMap((section, index) => {
    if (index === 0) return [];
    const [own = ""] = section.split(/^## /m);
    return [{ number: Number.parseInt(own, 10), lines: own.split("\n") }];
  });
}

/** What is wrong with the stories of a page: each says how it fails, and names tests that are there. */
function faultsOf(text: string): readonly string[] {
  return storiesOf(text).flatMap(({ number, lines }) => {
    const proofs = lines.filter((line) => /^- `(?:src|test)\//.test(line));
    const faults = proofs.flatMap((line) => proofFault(line.slice("- ".length)) ?? []);
    if (proofs.length === 0) faults.push("no test");
    if (!lines.some((line) => line.startsWith("- **Fails**: "))) faults.push("no failure");
    return faults.map((fault) => `${number}: ${fault}`);
  });
}

test("each of the 28 stories is told once", () => {
  const numbers = storiesOf(page).map(({ number }) => number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 28 }, (_, index) => index + 1),
  );
});

test("each story says how it fails, and names tests that are there", () => {
  expect(faultsOf(page)).toEqual([]);
});

describe("a fault is noticed:", () => {
  const fails = "- **Fails**: never.";
  test.each([
    ["no test", fails, "7: no test"],
    ["no failure", "- `test/architecture.test.ts`: imports follow the layers", "7: no failure"],
    [
      "a test that is not there",
      `${fails}\n- \`test/architecture.test.ts\`: gone`,
      /^7: no test of/,
    ],
    ["a file that is not there", `${fails}\n- \`test/gone.test.ts\`: gone`, /^7: there is no /],
  ])("%s", (_, lines, says) => {
    expect(faultsOf(`### 7. A story\n\n${lines}\n`)).toEqual([expect.stringMatching(says)]);
  });
});
