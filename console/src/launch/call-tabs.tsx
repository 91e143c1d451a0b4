import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { CodeBlock } from "../ui/code-block.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { useWebhookAddress } from "../webhook/webhook-address.ts";
import { type TaskCall, toCurl, toPythonCall, toTypeScriptCall } from "./call-snippets.ts";

/** Where `flyte-webhook dev` serves the webhook unless it is told otherwise. */
const usualAddress = "http://127.0.0.1:8080";

const languages = {
  curl: { name: "curl", write: toCurl },
  typescript: { name: "TypeScript", write: toTypeScriptCall },
  python: { name: "Python", write: toPythonCall },
} as const;

type Language = keyof typeof languages;

/** The start of a run as a command and as programs, to be copied. */
export function CallTabs(call: Omit<TaskCall, "webhook" | "controlPlane">): VNode {
  const [chosen, setChosen] = useState<Language>("curl");
  const address = useWebhookAddress();
  const { name, write } = languages[chosen];
  const code = write({ ...call, webhook: address ?? usualAddress, controlPlane: location.origin });
  return (
    <>
      <Tabs
        label="Languages"
        tabs={Object.entries(languages).map(([id, { name: label }]) => ({ id, label }))}
        current={chosen}
        onChange={(id) => {
          if (id in languages) setChosen(id as Language);
        }}
      >
        <CodeBlock text={code} label={`the call in ${name}`} />
      </Tabs>
      <p class="muted hint">
        Your API key is read from the variable <code>FLYTE_API_KEY</code>.{" "}
        {chosen !== "typescript" && address === undefined && (
          <>
            The address is where <code>flyte-webhook dev</code> serves its webhook unless told
            otherwise.
          </>
        )}
      </p>
    </>
  );
}
