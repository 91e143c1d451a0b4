import { toBinary } from "@bufbuild/protobuf";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { RunSpecSchema } from "../../../../src/idl/runs.ts";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { EntryFrame } from "../../launch/controls/entry-frame.tsx";
import { FaultsContext } from "../../launch/controls/faults.tsx";
import { ValueControl } from "../../launch/controls/value-control.tsx";
import type { Entry } from "../../launch/draft.ts";
import { groupFaults, inputPlace, placeFaults } from "../../launch/fault-places.ts";
import {
  type Entries,
  fillInputs,
  firstEntries,
  firstEntry,
  type InputField,
  toFields,
} from "../../launch/input-fields.ts";
import { runPath, type Scope } from "../../scope.ts";
import { toVisible } from "../../text/visible-text.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Text } from "../../ui/text.tsx";
import { CallCard } from "./call-card.tsx";
import { EarlierRunNotice } from "./earlier-run-notice.tsx";
import { FaultSummary } from "./fault-summary.tsx";
import type { Launch } from "./load-launch.ts";
import { firstOptions, readOptions } from "./run-options.ts";
import { optionEntries, optionPlace, RunOptionsForm } from "./run-options-form.tsx";
import { type Obstacle, useStart } from "./use-start.ts";

/** The inputs and options of a run to be. */
export function LaunchForm({
  scope,
  launch,
}: {
  readonly scope: Scope;
  readonly launch: Launch;
}): VNode {
  const { id, taken, from } = launch;
  const base = from?.spec;
  const fields = useMemo(() => toFields(taken, from?.inputs.kept), [launch]);
  const first = useMemo(() => withEntered(firstEntries(fields), from?.inputs.entered), [launch]);
  const [entries, setEntries] = useState(first);
  const [firstOption] = useState(() => firstOptions(base));
  const [options, setOptions] = useState(firstOption);
  const [wasTried, setWasTried] = useState(false);
  const [tries, setTries] = useState(0);
  const [obstacle, setObstacle] = useState<Obstacle>();
  const start = useStart(setObstacle);
  const isChanged = entries !== first || options !== firstOption;
  useUnloadWarning(isChanged && !start.isRunning);

  const filled = useMemo(
    () => fillInputs(taken, fields, entries, from?.context),
    [launch, entries],
  );
  const read = useMemo(() => readOptions(options, base), [options, base]);
  const extra = obstacle?.kind === "taken" && obstacle.name === read.name ? [nameTaken] : [];
  const faults = [
    ...placeFaults(filled.faults, entries, inputPlace),
    ...placeFaults([...read.faults, ...extra], optionEntries(options), optionPlace),
  ];
  const shown = wasTried ? faults : [];

  const submit = (): void => {
    setWasTried(true);
    setTries((before) => before + 1);
    const { inputs, given } = filled;
    if (faults.length > 0 || inputs === undefined) return;
    setObstacle(undefined);
    const spec = Array.from(toBinary(RunSpecSchema, read.runSpec)).join(" ");
    const content = stringifyJson([id.version, given, spec, read.name ?? ""]);
    void start.run({ scope, name: read.name, task: id, inputs, runSpec: read.runSpec, content });
  };

  return (
    <FaultsContext.Provider value={groupFaults(shown)}>
      <form
        class="launch"
        noValidate
        aria-label="Launch"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        }}
      >
        <FaultSummary faults={shown} focusKey={tries} />
        {from !== undefined && <EarlierRunNotice scope={scope} run={from} />}
        <section class="card" aria-labelledby="inputs">
          <h2 id="inputs">Inputs</h2>
          {fields.length === 0 && <p class="muted">This task takes no inputs.</p>}
          {fields.map((field) => (
            <InputEntry
              key={field.name}
              field={field}
              entry={entries.get(field.name) ?? firstEntry(field)}
              first={first.get(field.name) ?? firstEntry(field)}
              note={from?.inputs.notes.get(field.name)}
              onChange={(entry) => setEntries((before) => new Map(before).set(field.name, entry))}
            />
          ))}
        </section>
        <RunOptionsForm options={options} onChange={setOptions} isFaulty={hasOption(shown)} />
        {obstacle?.kind === "started" && (
          <p class="notice notice-warn" role="alert">
            The try before did start a run, with what stood here then:{" "}
            <a href={runPath(scope, obstacle.name)}>{obstacle.name}</a>. Press Start once more for
            another one with what stands here now.
          </p>
        )}
        <ErrorNotice error={start.error} />
        <div class="row">
          <Button kind="primary" type="submit" isBusy={start.isRunning}>
            {start.isRunning ? "Starting …" : "Start the run"}
          </Button>
          <span class="muted">
            in <Text>{scope.project}</Text>, <Text>{scope.domain}</Text> · Ctrl+Enter
          </span>
        </div>
      </form>
      <CallCard scope={scope} id={id} given={filled.given} latest={launch.latest} />
    </FaultsContext.Provider>
  );
}

const nameTaken = { path: ["name"], message: "there is a run of this name already" };

function hasOption(faults: readonly { readonly place: string }[]): boolean {
  return faults.some(({ place }) => place.startsWith(optionPlace("")));
}

function InputEntry({
  field,
  entry,
  first,
  note,
  onChange,
}: {
  readonly field: InputField;
  readonly entry: Entry;
  readonly first: Entry;
  readonly note: string | undefined;
  readonly onChange: (entry: Entry) => void;
}): VNode {
  const { name, typeName, shape, description, kept } = field;
  const hidden =
    kept !== undefined && kept.draft === undefined
      ? "Its value cannot be shown as JSON. It is sent as it is, unless you enter another one."
      : undefined;
  return (
    <EntryFrame
      name={name}
      type={typeName}
      shape={shape}
      description={description}
      place={inputPlace(name)}
      label={toVisible(name)}
      entry={entry}
      first={first}
      unless={kept === undefined ? undefined : kept.from === "run" ? "as in the run" : "default"}
      note={note ?? hidden}
      onChange={onChange}
      Value={ValueControl}
    />
  );
}

function withEntered(
  entries: Entries,
  entered: ReadonlyMap<string, Entry["draft"]> | undefined,
): Entries {
  const all = new Map(entries);
  for (const [name, draft] of entered ?? []) all.set(name, { isGiven: true, draft });
  return all;
}

/** Asks before the tab is closed or loaded anew with what was entered. */
function useUnloadWarning(isChanged: boolean): void {
  const latest = useRef(isChanged);
  latest.current = isChanged;
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (latest.current) event.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
}
