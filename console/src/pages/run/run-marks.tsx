import type { VNode } from "preact";
import type { RunSpec } from "../../../../src/idl/runs.ts";
import { ownLabelPrefix } from "../../../../src/values/run-option-rules.ts";
import { Text } from "../../ui/text.tsx";

/** What somebody wrote on a run, and folded what the webhook did. Of variables the names alone are shown. */
export function RunMarks({ runSpec }: { readonly runSpec: RunSpec | undefined }): VNode {
  const labels = Object.entries(runSpec?.labels?.values ?? {});
  const annotations = Object.entries(runSpec?.annotations?.values ?? {});
  const own = [...labels, ...annotations].filter((pair) => !isGiven(pair));
  return (
    <>
      <Pairs name="Labels" pairs={labels.filter(isGiven)} />
      <Pairs name="Annotations" pairs={annotations.filter(isGiven)} />
      <Pairs
        name="Environment variables"
        pairs={(runSpec?.envs?.values ?? []).map(({ key }) => [key, undefined])}
      />
      <Pairs name="Set by the webhook" pairs={own} isFolded />
    </>
  );
}

function isGiven([key]: readonly [key: string, value: string]): boolean {
  return !key.startsWith(ownLabelPrefix);
}

/** Pairs that are shown before the others have to be asked for. */
const shownPairs = 30;

function Pairs({
  name,
  pairs,
  isFolded = false,
}: {
  readonly name: string;
  readonly pairs: readonly (readonly [key: string, value: string | undefined])[];
  readonly isFolded?: boolean;
}): VNode | null {
  if (pairs.length === 0) return null;
  const chips = (
    <div class="row run-chips">
      {pairs.slice(0, shownPairs).map(([key, value]) => (
        <span class="chip" key={key}>
          <Text max={100}>{value === undefined ? key : `${key}: ${value}`}</Text>
        </span>
      ))}
      {pairs.length > shownPairs && <span class="muted">{pairs.length - shownPairs} more</span>}
    </div>
  );
  return (
    <div class="fact-whole">
      {isFolded ? (
        <>
          <dt class="visually-hidden">{name}</dt>
          <dd>
            <details class="run-own">
              <summary class="muted">
                {name}: {pairs.length} {pairs.length === 1 ? "mark" : "marks"}
              </summary>
              {chips}
            </details>
          </dd>
        </>
      ) : (
        <>
          <dt>{name}</dt>
          <dd>{chips}</dd>
        </>
      )}
    </div>
  );
}
