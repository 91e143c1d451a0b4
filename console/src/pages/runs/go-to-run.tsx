import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isRunName } from "../../../../src/values/identifiers.ts";
import { navigate } from "../../navigation/location.ts";
import { runPath, type Scope } from "../../scope.ts";

/** Opens a run by its name. */
export function GoToRun({ scope }: { readonly scope: Scope }): VNode {
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string>();
  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    const text = name.trim();
    if (isRunName(text)) navigate(runPath(scope, text));
    else setFault("A run's name has lower-case letters, digits and dashes, 30 at most.");
  };
  return (
    <form class="row" onSubmit={go} noValidate>
      <input
        type="search"
        aria-label="Name of a run"
        placeholder="Name of a run"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : "go-to-run-fault"}
        value={name}
        onInput={(event) => {
          setName(event.currentTarget.value);
          setFault(undefined);
        }}
      />
      <button type="submit" class="button">
        Open
      </button>
      {fault !== undefined && (
        <p class="field-error" id="go-to-run-fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
