/** What the placeholders of a container command stand for. */
export interface TemplateValues {
  /** URI of `inputs.pb`. */
  readonly inputsUri: string;
  /** `<run base>/<action>/<attempt>`, without a trailing slash. */
  readonly outputPrefix: string;
  /** The previous attempt's output prefix; absent on the first attempt. */
  readonly previousOutputPrefix?: string;
  readonly runStartTime: Date;
  readonly namespace: string;
  readonly run: string;
  readonly action: string;
  /** Starts at 1. */
  readonly attempt: number;
  /** Inputs of primitive type, printed; only these can be named as `{{.inputs.NAME}}`. */
  readonly inputs: ReadonlyMap<string, string>;
}

const PLACEHOLDER = /\{\{\s*[.$]([^\s{}]+)\s*\}\}/g;
const CHECKPOINTS = "_flytecheckpoints";

/**
 * Replaces the placeholders that Flyte knows (`{{.input}}`, `{{ $outputPrefix }}`, …) in each
 * argument of a container command. Their names are matched without regard to case; unknown ones,
 * `runName` and `actionName` among them, stay as they are. What was put in is not looked at again.
 */
export function substituteTemplate(
  argv: readonly string[],
  values: TemplateValues,
): readonly string[] {
  return argv.map((argument) =>
    argument.includes("{{")
      ? argument.replace(PLACEHOLDER, (whole, name: string) => lookUp(name, values) ?? whole)
      : argument,
  );
}

/** Whether any argument names an input's value, so that `inputs.pb` has to be read first. */
export function namesInputs(argv: readonly string[]): boolean {
  return argv.some((argument) => /\{\{\s*[.$]inputs\./i.test(argument));
}

function lookUp(name: string, values: TemplateValues): string | undefined {
  const known = name.toLowerCase();
  if (known.startsWith("inputs.")) return values.inputs.get(name.slice("inputs.".length));
  const inputPrefix = values.inputsUri.replace(/\/inputs\.pb$/, "");
  switch (known) {
    case "input":
      return `${inputPrefix}/inputs.pb`;
    case "inputprefix":
      return inputPrefix;
    case "outputprefix":
    case "rawoutputdataprefix":
      return values.outputPrefix;
    case "checkpointoutputprefix":
      return `${values.outputPrefix}/${CHECKPOINTS}`;
    case "prevcheckpointprefix":
      return values.previousOutputPrefix === undefined
        ? '""'
        : `${values.previousOutputPrefix}/${CHECKPOINTS}`;
    case "perretryuniquekey":
      return uniqueKey(values);
    case "namespace":
      return values.namespace;
    case "runstarttime":
      return values.runStartTime.toISOString();
    default:
      return undefined;
  }
}

function uniqueKey({ run, action, attempt }: TemplateValues): string {
  return `${run}-${action}-${attempt - 1}`.replace(/[^A-Za-z0-9]+/g, "_");
}
