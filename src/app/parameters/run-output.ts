import type { Scope } from "../../client/control-plane.ts";
import { assertOptions, assertText, invalidConfig, show } from "../environment/invalid-config.ts";

/** What a parameter of a run's output can be. */
export type RunOutputType = "string" | "file" | "directory";

export interface RunOutputOptions extends Partial<Scope> {
  /** Name of the run, where it is one run for good. */
  readonly run?: string;
  /** Name of the task, where it is the newest run of it that has succeeded. */
  readonly task?: string;
  /** Of the task: runs of this version only. @default any version */
  readonly version?: string;
  /** Of the task: runs of the version deployed last only. */
  readonly autoVersion?: "latest";
  /**
   * The way to the value: the output by its place, then names and places inside it.
   *
   * @default `[0]`, the first output
   */
  readonly getter?: readonly (string | number)[];
  readonly type: RunOutputType;
}

const names = Object.keys({
  run: true,
  task: true,
  version: true,
  autoVersion: true,
  getter: true,
  type: true,
  project: true,
  domain: true,
} satisfies Record<keyof RunOutputOptions, true>);

/**
 * What a run has given, as the value of a {@link Parameter}. It is looked up when the app is served
 * or deployed.
 *
 * @example new RunOutput({ task: "train.main", type: "directory" })
 * @throws FlyteError `invalid_config` unless it names either a run or a task
 */
export class RunOutput {
  readonly run: string | undefined;
  readonly task: string | undefined;
  readonly version: string | undefined;
  readonly autoVersion: "latest" | undefined;
  readonly getter: readonly (string | number)[];
  readonly type: RunOutputType;
  readonly project: string | undefined;
  readonly domain: string | undefined;

  constructor(options: RunOutputOptions) {
    assertOptions("RunOutput", options, names);
    const { run, task, version, autoVersion, getter = [0], type } = options;
    for (const name of ["run", "task", "version", "project", "domain"] as const) {
      assertText(name, options[name]);
      if (options[name] === "") throw invalidConfig(`${name} of a RunOutput must not be empty.`);
    }
    if ((run === undefined) === (task === undefined)) {
      throw invalidConfig("A RunOutput needs either run or task, and not both.");
    }
    if (run !== undefined && (version !== undefined || autoVersion !== undefined)) {
      throw invalidConfig(
        "version and autoVersion of a RunOutput go with task; a run has its own.",
      );
    }
    if (version !== undefined && autoVersion !== undefined) {
      throw invalidConfig("A RunOutput takes version or autoVersion, and not both.");
    }
    if (autoVersion !== undefined && autoVersion !== "latest") {
      throw invalidConfig(`autoVersion ${show(autoVersion)} of a RunOutput must be "latest".`);
    }
    if (!["string", "file", "directory"].includes(type)) {
      throw invalidConfig(
        `The type ${show(type)} of a RunOutput must be "string", "file" or "directory".`,
      );
    }
    this.run = run;
    this.task = task;
    this.version = version;
    this.autoVersion = autoVersion;
    this.getter = checkGetter(getter);
    this.type = type;
    this.project = options.project;
    this.domain = options.domain;
  }
}

function checkGetter(getter: unknown): readonly (string | number)[] {
  if (Array.isArray(getter) && getter.length > 0 && getter.every(isStep) && isPlace(getter[0])) {
    return [...getter];
  }
  throw invalidConfig(
    `The getter ${show(getter)} of a RunOutput must be a list that begins with the place of an output: [0] is the first one, [1, "path"] a part of the second.`,
  );
}

function isStep(step: unknown): boolean {
  return typeof step === "string" || isPlace(step);
}

function isPlace(step: unknown): boolean {
  return Number.isSafeInteger(step) && Number(step) >= 0;
}
