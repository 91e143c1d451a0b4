import {
  assertFlag,
  assertList,
  assertOptions,
  assertText,
  invalidConfig,
  show,
} from "../environment/invalid-config.ts";
import {
  checkValue,
  type ParameterType,
  type ParameterValue,
  parameterTypes,
  typeOfValue,
  valueOfText,
} from "./parameter-value.ts";

export interface ParameterOptions {
  /** What `getParameter` and `context.parameters` know it by. */
  readonly name: string;
  /** Without one it has to be given at serve time, in `parameterValues`. */
  readonly value?: ParameterValue;
  /** What kind of value it is; `file` and `directory` turn a text into an address. @default that of the value */
  readonly type?: ParameterType;
  /** The environment variable that holds it, too. */
  readonly envVar?: string;
  /**
   * Whether a file or directory is brought to where the app runs; if not, the app gets the address.
   *
   * @default true
   */
  readonly download?: boolean;
  /** Folder that holds the file, or that becomes the directory. @default a folder of the app's run */
  readonly mount?: string;
  /** Of a directory: what is left out, such as `*.tmp` or `checkpoints/**`. */
  readonly ignorePatterns?: readonly string[];
}

const names = Object.keys({
  name: true,
  value: true,
  type: true,
  envVar: true,
  download: true,
  mount: true,
  ignorePatterns: true,
} satisfies Record<keyof ParameterOptions, true>);

/**
 * A value that an app gets when it starts: a text, a file, a directory, what a run has given, or
 * where another app is.
 *
 * @example
 * new Parameter({ name: "model", value: new RunOutput({ task: "train.main", type: "directory" }), mount: "/models" })
 * @throws FlyteError `invalid_config` naming the parameter and the rule
 */
export class Parameter {
  readonly name: string;
  readonly value: ParameterValue | undefined;
  /** Undefined while neither the value nor the options say it. */
  readonly type: ParameterType | undefined;
  readonly envVar: string | undefined;
  readonly download: boolean;
  readonly mount: string | undefined;
  readonly ignorePatterns: readonly string[];
  readonly #options: ParameterOptions;

  constructor(options: ParameterOptions) {
    assertOptions("Parameter", options, names);
    const { name, envVar, download, mount, ignorePatterns = [] } = options;
    if (typeof name !== "string" || name.trim() === "" || /\p{Cc}/u.test(name)) {
      throw invalidConfig(
        `The name ${show(name)} of a parameter must be a text that is not empty.`,
      );
    }
    const of = `parameter "${name}"`;
    if (envVar !== undefined && !isVariable(envVar)) {
      throw invalidConfig(
        `envVar ${show(envVar)} of ${of} must consist of letters, digits and underscores, and not begin with a digit.`,
      );
    }
    assertFlag(`download of ${of}`, download);
    assertText(`mount of ${of}`, mount);
    if (mount !== undefined && (mount === "" || mount.includes("\0"))) {
      throw invalidConfig(`mount ${show(mount)} of ${of} must be a folder, like "/models".`);
    }
    assertList(`ignorePatterns of ${of}`, ignorePatterns);
    for (const pattern of ignorePatterns) {
      if (typeof pattern === "string" && pattern !== "") continue;
      throw invalidConfig(
        `${show(pattern)} in ignorePatterns of ${of} must be a text like "*.tmp".`,
      );
    }
    this.name = name;
    this.value = toValue(of, options);
    this.type = this.value === undefined ? options.type : typeOfValue(this.value);
    this.envVar = envVar;
    this.download = download ?? true;
    this.mount = mount;
    this.ignorePatterns = [...ignorePatterns];
    this.#options = { ...options };
    assertFits(of, this);
  }

  /** The same parameter with another value. @throws FlyteError `invalid_config` when the value does not fit */
  withValue(value: ParameterValue): Parameter {
    return new Parameter({ ...this.#options, value });
  }
}

function isVariable(name: unknown): boolean {
  return typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

function toValue(of: string, { value, type }: ParameterOptions): ParameterValue | undefined {
  if (type !== undefined && !parameterTypes.includes(type)) {
    throw invalidConfig(
      `The type ${show(type)} of ${of} must be one of: ${parameterTypes.join(", ")}.`,
    );
  }
  if (value === undefined) return undefined;
  const checked = checkValue(of, value);
  if (type === undefined || typeOfValue(checked) === type) return checked;
  const meant = typeof checked === "string" ? valueOfText(checked, type) : undefined;
  if (meant !== undefined) return checkValue(of, meant);
  throw invalidConfig(
    `The value of ${of} is of type ${typeOfValue(checked)}, not ${type}. Leave type out, or give another value.`,
  );
}

/** What goes with files and directories only. */
function assertFits(of: string, { type, mount, download, ignorePatterns }: Parameter): void {
  if (mount !== undefined && !download) {
    throw invalidConfig(`${of} has a mount, so download cannot be false. Leave one of them out.`);
  }
  if (mount !== undefined && (type === "string" || type === "app_endpoint")) {
    throw invalidConfig(
      `mount of ${of} goes with a file or a directory, and its value is of type ${type}.`,
    );
  }
  if (ignorePatterns.length > 0 && type !== undefined && type !== "directory") {
    throw invalidConfig(
      `ignorePatterns of ${of} go with a directory, and its value is of type ${type}.`,
    );
  }
}
