import { defineTask, readText, t, UserError } from "flyte-webhook/tasks";

const summary = {
  count: t.int(),
  mean: t.float(),
  stddev: t.float().describe("Of the sample, 0 for a single number"),
  min: t.float(),
  median: t.float(),
  max: t.float(),
};

/** Describes a list of numbers. */
export const describe = defineTask(
  {
    name: "stats.describe",
    description: "Count, mean, deviation, minimum, median and maximum of some numbers.",
    inputs: { values: t.list(t.float()) },
    outputs: summary,
  },
  async ({ values }, { log }) => {
    const result = summarise(values);
    log.info("described", { count: result.count });
    return result;
  },
);

/** Describes one column of a CSV file. */
export const describeCsv = defineTask(
  {
    name: "stats.describe_csv",
    description: "The same for one column of a CSV file with a header line.",
    inputs: { file: t.file("csv"), column: t.string() },
    outputs: { ...summary, skipped: t.int().describe("Rows whose cell is empty or no number") },
    retries: 1,
  },
  async ({ file, column }, { log, signal }) => {
    const [header = "", ...rows] = (await readText(file, { signal })).trim().split(/\r?\n/);
    const names = header.split(",").map((name) => name.trim());
    const at = names.indexOf(column);
    if (at < 0) {
      throw new UserError(`The file has no column ${column}; it has ${names.join(", ")}.`, {
        code: "UnknownColumn",
        retryable: false,
      });
    }
    const cells = rows.map((row) => (row.split(",")[at] ?? "").trim());
    const numbers = cells
      .filter((cell) => cell !== "")
      .map(Number)
      .filter(Number.isFinite);
    log.info("read", { rows: rows.length, used: numbers.length });
    return { ...summarise(numbers), skipped: rows.length - numbers.length };
  },
);

function summarise(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) {
    throw new UserError("There are no numbers to describe.", { code: "Empty", retryable: false });
  }
  const count = sorted.length;
  const mean = sum(sorted) / count;
  const squares = sum(sorted.map((value) => (value - mean) ** 2));
  const stddev = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return { count, mean, stddev, min, median: medianOf(sorted), max };
}

function medianOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
