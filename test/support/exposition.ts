/** One value, as Prometheus reads it. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all of its values. */
export interface ExposedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/**
 * Reads the text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * @throws Error for a line that is not of it, a sample without its family, and a series that comes twice
 */
export function parseExposition(text: string): readonly ExposedFamily[] {
  if (!text.endsWith("\n")) throw new Error("The last line does not end.");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, kind, of = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (families.has(of)) throw new Error(`${of} comes twice`);
      current = { name: of, type: "", help: rest, samples: [] };
      families.set(of, current);
    } else if (kind === "TYPE") {
      if (current?.name !== of || !(rest in suffixes)) throw new Error(`${line} is misplaced`);
      current.type = rest;
    } else addSample(current, line, seen);
  }
  return [...families.values()];
}

interface Family extends ExposedFamily {
  type: string;
  readonly samples: ExposedSample[];
}

function addSample(family: Family | undefined, line: string, seen: Set<string>): void {
  const sample = parseSample(line);
  const ends = suffixes[family?.type ?? ""] ?? [];
  if (family === undefined || !ends.some((end) => sample.name === family.name + end)) {
    throw new Error(`${line} is of no family`);
  }
  const series = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
  if (seen.has(series)) throw new Error(`${series} comes twice`);
  seen.add(series);
  family.samples.push(sample);
}

function parseSample(line: string): ExposedSample {
  const [, name = "", labelText = "", value = ""] =
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
  const labels: Record<string, string> = {};
  while (label.lastIndex < labelText.length) {
    const [, key = "", quoted = ""] = label.exec(labelText) ?? [];
    if (key === "" || key in labels) throw new Error(`${line} has labels that cannot be read`);
    labels[key] = quoted.replaceAll(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one));
  }
  if (name === "" || !/^(?:[+-]Inf|nan|-?\d[\d.e+-]*)$/i.test(value)) {
    throw new Error(`${line} is no sample`);
  }
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

/** The value of a series; undefined where there is none. Labels that are left out may be anything. */
export function exposedValue(
  families: readonly ExposedFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = families
    .flatMap(({ samples }) => samples)
    .filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}
