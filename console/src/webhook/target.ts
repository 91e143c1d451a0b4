/** What an endpoint acts on, and so what a question about it has to name. */
export type TargetKind =
  | "none"
  | "task"
  | "run"
  | "app"
  | "trigger"
  | "model"
  /** A task that a hook starts. */
  | "hook"
  /** The deliveries of a hook. */
  | "deliveries";

/** A part of a target, named as in the question and in the page's address. */
export interface TargetField {
  readonly name: "domain" | "project" | "name" | "task_name" | "trigger_name" | "hook" | "repo";
  readonly label: string;
}

const byGroup: Readonly<Record<string, TargetKind>> = {
  task: "task",
  wait: "task",
  batch: "task",
  run: "run",
  live: "run",
  rerun: "run",
  signal: "run",
  app: "app",
  trigger: "trigger",
  fire: "trigger",
};

/** What an endpoint acts on; what is not known acts on nothing in particular. */
export function targetKind(endpoint: {
  readonly name: string;
  readonly group: string;
  readonly path?: string;
}): TargetKind {
  const { name, group, path = "" } = endpoint;
  if (group === "prefetch") return name === "prefetch_hf_model" ? "model" : "run";
  if (path.includes("{hook}")) return "deliveries";
  return byGroup[group] ?? "none";
}

const place: readonly TargetField[] = [
  { name: "project", label: "Project" },
  { name: "domain", label: "Domain" },
];

const own: Readonly<Record<TargetKind, readonly TargetField[]>> = {
  none: [],
  task: [...place, { name: "name", label: "Task" }],
  run: [...place, { name: "name", label: "Run" }],
  app: [...place, { name: "name", label: "App" }],
  trigger: [
    ...place,
    { name: "task_name", label: "Task" },
    { name: "trigger_name", label: "Trigger" },
  ],
  model: [{ name: "repo", label: "Model" }],
  deliveries: [{ name: "hook", label: "Hook" }],
  hook: [{ name: "hook", label: "Hook" }, ...place, { name: "name", label: "Task" }],
};

export function targetFields(kind: TargetKind): readonly TargetField[] {
  return own[kind];
}
