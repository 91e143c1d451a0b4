import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { FlyteError } from "../shared/errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** Whether a person is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on the terminal for a line that does not show. @throws FlyteError `invalid_input` without one */
export function askHidden(question: string): Promise<string> {
  return ask(question, new Writable({ write: (_chunk, _encoding, done) => done() }));
}

/** Asks on the terminal whether to go on; where there is none, nobody can say no. */
export async function confirm(question: string): Promise<void> {
  if (!canAsk()) return;
  const answer = await ask(`${question} [y/N] `, process.stderr);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new FlyteError("invalid_input", "Nothing was deleted.");
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.once("SIGINT", () => process.exit(exitCodes.interrupted));
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => reject(new FlyteError("invalid_input", "No answer was given.")));
    });
  } finally {
    lines.close();
    if (output !== process.stderr) process.stderr.write("\n");
  }
}
