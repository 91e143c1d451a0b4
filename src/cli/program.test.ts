import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { packageFile } from "../shared/package-files.ts";
import { allCommands, commandPath, createProgram } from "./program.ts";

const page = readFileSync(packageFile("docs/cli.md"), "utf8");
const commands = allCommands(createProgram());
const leaves = commands.filter((command) => command.commands.length === 0);

function longOptions(of: readonly Command[]): ReadonlySet<string> {
  return new Set(of.flatMap(({ options }) => options.map(({ long }) => long ?? "")));
}

function helpOf(command: Command, width: number): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => width,
  });
  command.outputHelp();
  return text;
}

test("every option of the page exists", () => {
  const written = new Set([...page.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([name]) => name));
  const known = new Set([...longOptions(commands), "--help"]);
  expect([...written].filter((option) => !known.has(option))).toEqual([]);
  expect(written.size).toBeGreaterThan(20);
});

test("an option of a command is its own, though the program has one of that name", () => {
  const program = createProgram();
  const deploy = program.commands.find((command) => command.name() === "deploy");
  let given: unknown;
  deploy?.action(() => {
    given = deploy.opts()["version"];
  });
  program.parse(["deploy", "tasks.ts", "--version", "v7"], { from: "user" });
  expect(given).toBe("v7");
});

test("every option of the servers and of the connection is on the page", () => {
  const servers = leaves.filter((command) => ["dev", "devbox", "serve"].includes(command.name()));
  const missing = [...longOptions(servers)].filter((option) => !page.includes(option));
  expect(missing).toEqual([]);
});

test("every command is on the page", () => {
  const missing = leaves.map(commandPath).filter((path) => !page.includes(path));
  expect(missing).toEqual([]);
});

describe.each(leaves.map((command) => [commandPath(command), command] as const))(
  "the help of %s",
  (path, command) => {
    test.each([80, 120])("fits into %i columns", (width) => {
      const lines = helpOf(command, width).split("\n");
      // Examples are lines to paste, which must not be broken.
      const prose = lines.filter((line) => !line.includes("flyte-webhook "));
      expect(prose.filter((line) => line.length > width)).toEqual([]);
    });

    test("explains every option, those of the connection apart", () => {
      const help = helpOf(command, 120);
      expect(help).toContain(`Usage: ${path}`);
      for (const { long, description } of command.options) {
        expect(help).toContain(long);
        expect(description).not.toBe("");
      }
      if (command.options.some(({ long }) => long === "--user")) {
        const [own = "", connection = ""] = help.split("Connection options:");
        expect(own).not.toContain("--endpoint <");
        expect(connection).toContain("--endpoint <");
      }
    });
  },
);
