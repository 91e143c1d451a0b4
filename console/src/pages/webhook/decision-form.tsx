import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Scope } from "../../scope.ts";
import { readPastedKey } from "../../session/read-pasted-key.ts";
import { useSignedIn } from "../../session/session.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Text } from "../../ui/text.tsx";
import type { WebhookInfo } from "../../webhook/answers.ts";
import { kindOf, type Question, toQuestion } from "../../webhook/question.ts";
import { targetFields } from "../../webhook/target.ts";
import { useSuggestions } from "./use-suggestions.ts";

export interface DecisionFormProps {
  readonly info: WebhookInfo;
  readonly scope: Scope;
  /** What it is filled with. */
  readonly first: Question | undefined;
  readonly isBusy: boolean;
  readonly keyFault: string | undefined;
  readonly onAsk: (question: Question, key: string | undefined) => void;
}

/** Asks who wants to do what. */
export function DecisionForm(props: DecisionFormProps): VNode {
  const { info, scope, first, isBusy, keyFault, onAsk } = props;
  const me = useSignedIn();
  const [endpoint, setEndpoint] = useState(first?.["endpoint"] ?? firstEndpoint(info));
  const [values, setValues] = useState<Question>({ ...scope, ...first });
  const [isOther, setIsOther] = useState(false);
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string>();
  const kind = kindOf(info, endpoint);
  const suggestions = useSuggestions(kind, values, info);
  const ask = (): void => {
    const pasted = isOther ? readPastedKey(key) : undefined;
    setFault(pasted !== undefined && "fault" in pasted ? pasted.fault : undefined);
    if (pasted !== undefined && "fault" in pasted) return;
    onAsk(toQuestion(kind, endpoint, values), pasted?.key);
    setKey("");
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <h2>May this caller do that?</h2>
      <Field label="Endpoint">
        {(field) => (
          <select
            {...field}
            value={endpoint}
            onChange={(event) => setEndpoint(event.currentTarget.value)}
          >
            <Endpoints label="Enabled" endpoints={info.endpoints} />
            {info.hooks.length > 0 && (
              <optgroup label="Hooks">
                <option value="hook">a hook starts a task</option>
              </optgroup>
            )}
            <Endpoints label="Not enabled" endpoints={info.endpointsOff} />
          </select>
        )}
      </Field>
      {targetFields(kind).map(({ name, label }) => (
        <Field key={`${kind}-${name}`} label={label}>
          {(field) => (
            <>
              <input
                {...field}
                class="mono"
                autocomplete="off"
                spellcheck={false}
                list={`${field.id}-list`}
                value={values[name] ?? ""}
                onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
              />
              <datalist id={`${field.id}-list`}>
                {(suggestions[name] ?? []).map((text) => (
                  <option key={text} value={text} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      ))}
      <fieldset class="choice">
        <legend>As</legend>
        <label>
          <input type="radio" name="as" checked={!isOther} onChange={() => setIsOther(false)} />{" "}
          myself, <Text max={60}>{me.name}</Text>
        </label>
        <label>
          <input type="radio" name="as" checked={isOther} onChange={() => setIsOther(true)} /> the
          owner of another API key
        </label>
      </fieldset>
      {isOther && (
        <Field
          label="Their API key"
          hint="Sent with this one question, and kept nowhere."
          error={fault ?? keyFault}
        >
          {(field) => (
            <input
              {...field}
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <div class="row">
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Ask
        </Button>
      </div>
    </form>
  );
}

function Endpoints({
  label,
  endpoints,
}: {
  readonly label: string;
  readonly endpoints: readonly { readonly name: string }[];
}): VNode | null {
  if (endpoints.length === 0) return null;
  return (
    <optgroup label={label}>
      {endpoints.map(({ name }) => (
        <option key={name} value={name}>
          {toAttributeText(name, 80)}
        </option>
      ))}
    </optgroup>
  );
}

function firstEndpoint({ endpoints }: WebhookInfo): string {
  const run = endpoints.find(({ name }) => name === "run_task");
  return (run ?? endpoints[0])?.name ?? "run_task";
}
