import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Faults, useFaultProps } from "../../launch/controls/faults.tsx";
import { ValueControl } from "../../launch/controls/value-control.tsx";
import type { Draft, Entry } from "../../launch/draft.ts";
import { type OptionDrafts, textMap } from "./run-options.ts";

/** The `id` of the control of an option. */
export function optionPlace(name: string): string {
  return `option/${name}`;
}

/** The options as faults are placed among them. */
export function optionEntries({ name, labels, env }: OptionDrafts): ReadonlyMap<string, Entry> {
  const given = (draft: Draft): Entry => ({ isGiven: true, draft });
  return new Map([
    ["name", given({ kind: "text", text: name })],
    ["labels", given(labels)],
    ["env", given(env)],
  ]);
}

/** What can be said of a run beside its inputs; folded away. */
export function RunOptionsForm({
  options,
  onChange,
  isFaulty,
}: {
  readonly options: OptionDrafts;
  readonly onChange: (options: OptionDrafts) => void;
  readonly isFaulty: boolean;
}): VNode {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (isFaulty) setIsOpen(true);
  }, [isFaulty]);
  const set = (part: Partial<OptionDrafts>): void => onChange({ ...options, ...part });
  return (
    <details class="card" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Options of the run</summary>
      <div class="options">
        <Option
          name="name"
          title="Name"
          hint="1 to 30 lower-case letters, digits and hyphens, a letter first. One is made up otherwise."
        >
          <NameControl text={options.name} onChange={(name) => set({ name })} />
        </Option>
        <Option name="queue" title="Queue" hint="Where the run waits for its turn.">
          <input
            id={optionPlace("queue")}
            type="text"
            autocomplete="off"
            value={options.queue}
            onInput={({ currentTarget: { value } }) => set({ queue: value })}
          />
        </Option>
        <Option
          name="interruptible"
          title="Interruptible"
          hint="Whether it may be moved off machines that go away."
        >
          <select
            id={optionPlace("interruptible")}
            value={options.interruptible}
            onChange={({ currentTarget: { value } }) =>
              set({ interruptible: value === "yes" || value === "no" ? value : "" })
            }
          >
            <option value="">As the task says</option>
            <option value="yes">Yes</option>
            <option value="no">No</option>
          </select>
        </Option>
        <div class="option">
          <label class="row">
            <input
              type="checkbox"
              checked={options.overwriteCache}
              onChange={({ currentTarget: { checked } }) => set({ overwriteCache: checked })}
            />
            Overwrite the cache
          </label>
          <p class="muted hint">Computes cached outputs anew.</p>
        </div>
        <Option name="labels" title="Labels" hint="As Kubernetes has them.">
          <ValueControl
            shape={textMap}
            draft={options.labels}
            place={optionPlace("labels")}
            label="Labels"
            onChange={(labels) => set({ labels })}
          />
        </Option>
        <Option
          name="env"
          title="Environment variables"
          hint="Whoever may see the run sees them: put no secret here."
        >
          <ValueControl
            shape={textMap}
            draft={options.env}
            place={optionPlace("env")}
            label="Environment variables"
            onChange={(env) => set({ env })}
          />
        </Option>
      </div>
    </details>
  );
}

function Option({
  name,
  title,
  hint,
  children,
}: {
  readonly name: string;
  readonly title: string;
  readonly hint: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="option">
      <label class="entry-name" for={optionPlace(name)}>
        {title}
      </label>
      <p class="muted hint">{hint}</p>
      {children}
    </div>
  );
}

function NameControl({
  text,
  onChange,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
}): VNode {
  const place = optionPlace("name");
  return (
    <>
      <input
        id={place}
        class="mono"
        type="text"
        autocomplete="off"
        spellcheck={false}
        value={text}
        {...useFaultProps(place)}
        onInput={({ currentTarget: { value } }) => onChange(value)}
      />
      <Faults place={place} />
    </>
  );
}
