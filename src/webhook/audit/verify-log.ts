import { createHash, type Hash } from "node:crypto";
import { type ChainedLine, chainStart, hashOf, readChainedLine } from "./chained-line.ts";
import { type FileLine, readLines } from "./read-lines.ts";

/** How a log was changed. */
export type BreakKind = "edited" | "deleted" | "inserted" | "reordered" | "truncated";

/** The first place where a log is not what was written. */
export interface Break {
  readonly file: string;
  /** From 1; the first line that is not as it was. */
  readonly line: number;
  readonly kind: BreakKind;
  /** For people. */
  readonly text: string;
}

/** What a log holds, up to its first break. */
export interface LogSummary {
  readonly lines: number;
  /** Times of the first and the last line; undefined in an empty log. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** How often a process began to write it. */
  readonly starts: number;
  /** Lines that were left unfinished by a process that was killed, each followed by a start that says so. */
  readonly torn: number;
  /** Of the last line: what a later look at the log has to find in it. */
  readonly seq: number;
  readonly hash: string;
  readonly broken: Break | undefined;
}

export interface VerifyOptions {
  /** The key it was written with. @default it was written without one */
  readonly key?: string;
  /** The hash of a line that must be in the log, noted when it was the last one. */
  readonly expectHash?: string;
  /** The hash of the last line of the files that went before and are not given. */
  readonly afterHash?: string;
}

/** Why a line was not taken. */
type Fault = "form" | "hash" | "ahead" | "behind" | "replaced" | "first" | "chain";

/**
 * Reads the files of a log, the oldest first, and follows its chain through them, in memory that does not grow with
 * them.
 *
 * @throws FlyteError `invalid_config` when a file cannot be read
 */
export async function verifyLog(
  files: readonly string[],
  options: VerifyOptions = {},
): Promise<LogSummary> {
  const chain = new Chain(options);
  for (const [index, file] of files.entries()) {
    for await (const line of readLines(file)) chain.take(file, line, index === files.length - 1);
  }
  return chain.end();
}

/** Bytes that are no line: what a killed process left, if the next line says so. */
interface Unread {
  readonly at: Place;
  readonly hash: Hash;
  bytes: number;
  /** Whether the log ends in them. */
  isOpen: boolean;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

class Chain {
  readonly #options: VerifyOptions;
  /** Unknown before the first line of a log whose first files are not given. */
  #head: { readonly seq: number | undefined; readonly hash: string };
  #place: Place = { file: "", line: 0 };
  #lines = 0;
  #starts = 0;
  #torn = 0;
  #from: string | undefined;
  #to: string | undefined;
  #unread: Unread | undefined;
  #broken: (Place & { readonly fault: Fault }) | undefined;
  /** Whether the line that should have been at the break came later, and how much later. */
  #later: "next" | "further" | undefined;
  #passed = 0;
  #isExpectedSeen: boolean;

  constructor(options: VerifyOptions) {
    this.#options = options;
    const { afterHash, expectHash } = options;
    this.#head =
      afterHash === undefined ? { seq: 0, hash: chainStart } : { seq: undefined, hash: afterHash };
    this.#isExpectedSeen = expectHash === undefined || expectHash === this.#head.hash;
  }

  take(file: string, { number, bytes, isCut, isWhole }: FileLine, isLastFile: boolean): void {
    const line = isCut ? undefined : readChainedLine(bytes);
    if (this.#broken !== undefined) {
      this.#look(line);
      return;
    }
    const place = { file, line: number };
    if (line === undefined) this.#keep(place, bytes, !isWhole && isLastFile);
    else this.#follow(place, line);
  }

  end(): LogSummary {
    const unread = this.#unread;
    if (this.#broken === undefined && unread !== undefined) {
      if (unread.isOpen) this.#torn += 1;
      else this.#broken = { ...unread.at, fault: "form" };
    }
    return {
      ...{ lines: this.#lines, from: this.#from, to: this.#to },
      ...{ starts: this.#starts, torn: this.#torn },
      seq: this.#head.seq ?? 0,
      hash: this.#head.hash,
      broken: this.#conclude(),
    };
  }

  #keep(at: Place, bytes: Buffer, isOpen: boolean): void {
    const unread = this.#unread;
    if (unread === undefined) {
      this.#unread = { at, hash: createHash("sha256").update(bytes), bytes: bytes.length, isOpen };
      return;
    }
    unread.hash.update("\n").update(bytes);
    unread.bytes += 1 + bytes.length;
    unread.isOpen = false; // one line is torn at the end, not several
  }

  #follow(place: Place, line: ChainedLine): void {
    const fault = this.#faultOf(line);
    const unread = this.#unread;
    if (unread !== undefined && (fault !== undefined || !saysTorn(line, unread))) {
      this.#broken = { ...unread.at, fault: "form" };
      this.#look(line);
      return;
    }
    if (fault !== undefined) {
      this.#broken = { ...place, fault };
      return;
    }
    if (unread !== undefined) this.#torn += 1;
    this.#unread = undefined;
    this.#head = { seq: line.seq, hash: line.hash };
    this.#place = place;
    this.#lines += 1;
    if (line.members["event"] === "start") this.#starts += 1;
    const { time } = line.members;
    if (typeof time === "string") {
      this.#from ??= time;
      this.#to = time;
    }
    if (line.hash === this.#options.expectHash) this.#isExpectedSeen = true;
  }

  #faultOf(line: ChainedLine): Fault | undefined {
    if (hashOf(line.sealed, this.#options.key) !== line.hash) return "hash";
    const { seq, hash } = this.#head;
    const isFirst = this.#lines === 0;
    if (seq === undefined) return line.prev === hash ? undefined : "first";
    if (line.seq === seq + 1) return line.prev === hash ? undefined : "replaced";
    if (line.seq > seq + 1) return isFirst ? "first" : "ahead";
    return line.prev === chainStart ? "chain" : "behind";
  }

  /** Looks for the line that should have been where the break is: it tells what was done. */
  #look(line: ChainedLine | undefined): void {
    this.#passed += 1;
    if (this.#later !== undefined || line === undefined) return;
    const isIt = line.seq === (this.#head.seq ?? 0) + 1 && this.#faultOf(line) === undefined;
    if (isIt) this.#later = this.#passed === 1 ? "next" : "further";
  }

  #conclude(): Break | undefined {
    if (this.#broken !== undefined) {
      const { file, line, fault } = this.#broken;
      return { file, line, ...this.#explain(fault) };
    }
    if (this.#isExpectedSeen) return undefined;
    const { file, line } = this.#place;
    const text = "the line of the expected hash is not there: lines are missing at the end";
    return { file, line: line + 1, kind: "truncated", text };
  }

  #explain(fault: Fault): Pick<Break, "kind" | "text"> {
    const noted = (this.#head.seq ?? 0) + 1;
    const hint = this.#hint();
    switch (fault) {
      case "form":
        return this.#later === undefined
          ? { kind: "edited", text: `it is no line of the log${hint}` }
          : { kind: "inserted", text: "it is no line of the log, which goes on after it" };
      case "hash":
        return this.#later === undefined
          ? { kind: "edited", text: `its hash is not that of its content${hint}` }
          : { kind: "inserted", text: "it is not of this log, which goes on after it" };
      case "ahead":
        return this.#later === undefined
          ? { kind: "deleted", text: `line number ${noted} of the log is missing` }
          : { kind: "reordered", text: `line number ${noted} of the log comes later` };
      case "first":
        if (this.#later !== undefined)
          return { kind: "reordered", text: "the first line comes later" };
        return {
          kind: "deleted",
          text: "the log begins earlier: give its older files first, or the hash of the line before with --after-hash",
        };
      case "chain":
        return {
          kind: "inserted",
          text: "a new log begins here; check it by itself, and this one with --expect-hash",
        };
      case "behind":
        return { kind: "inserted", text: `line number ${noted} of the log was expected` };
      case "replaced":
        return {
          kind: "edited",
          text: "it does not go on from the line before, which was replaced together with its hash",
        };
    }
  }

  /** A key that is missing or wrong looks like a change of the very first line. */
  #hint(): string {
    if (this.#lines > 0) return "";
    return this.#options.key === undefined
      ? ", or it was written with a key: name its variable with --key-env"
      : ", or it was written without a key or with another one";
  }
}

function saysTorn({ members }: ChainedLine, { bytes, hash }: Unread): boolean {
  const { event, torn } = members;
  if (event !== "start" || typeof torn !== "object" || torn === null) return false;
  const said = torn as { readonly bytes?: unknown; readonly sha256?: unknown };
  return said.bytes === bytes && said.sha256 === hash.copy().digest("hex");
}
