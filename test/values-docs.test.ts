import { readFileSync } from "node:fs";
import { fromBinary, fromJson, type JsonValue as ProtoJson, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { LiteralSchema, type LiteralType, LiteralTypeSchema } from "../src/idl/literals.ts";
import { parseJson } from "../src/shared/json.ts";
import { fromLiteral, toLiteral } from "../src/values/literals.ts";

const page = readFileSync(new URL("../docs/values.md", import.meta.url), "utf8");

/** The rows of the table under a heading, each as the texts in its cells without backticks. */
function rows(heading: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| --"))
    .slice(1)
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

function typeOf(text: string | undefined): LiteralType {
  return fromJson(LiteralTypeSchema, JSON.parse(text ?? "") as ProtoJson);
}

test.each(rows("Types"))("docs/values.md: %s as %s: %s is shown as %s", (_, json, given, shown) => {
  const type = typeOf(json);
  const result = parseJson(shown ?? "");
  const convert = (value: string) => {
    const bytes = toBinary(LiteralSchema, toLiteral(parseJson(value), type));
    return fromLiteral(fromBinary(LiteralSchema, bytes), type);
  };
  expect(convert(given ?? "")).toEqual(result);
  expect(convert(shown ?? "")).toEqual(result);
});

test.each(rows("Refused"))("docs/values.md: as %s, %s is refused: %s", (json, given, message) => {
  expect(() => toLiteral(parseJson(given ?? ""), typeOf(json))).toThrow(message);
});

test("docs/values.md has examples", () => {
  expect(rows("Types").length).toBeGreaterThan(30);
  expect(rows("Refused").length).toBeGreaterThan(5);
});
