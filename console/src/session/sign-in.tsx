import { Code, ConnectError } from "@connectrpc/connect";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useAction } from "../control-plane/use-action.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNotice } from "../ui/error-notice.tsx";
import { Field } from "../ui/field.tsx";
import { usePageTitle } from "../ui/page-title.ts";
import { signIn } from "./session.ts";
import { whoAmI } from "./who-am-i.ts";

/** Asks for an API key. */
export function SignIn({ reason }: { readonly reason: string | undefined }): VNode {
  usePageTitle("Sign in");
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string>();
  const action = useAction(async () => {
    const text = key.trim();
    setFault(undefined);
    if (text === "") return setFault("Enter an API key.");
    // What no header can carry cannot be a key.
    if (!/^[\x21-\x7e]+$/.test(text)) return setFault("An API key has no spaces or other signs.");
    try {
      signIn(await whoAmI(text));
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      setFault("This devbox does not know the key. Copy it whole, without quotes.");
    }
  });
  return (
    <main class="gate">
      <form
        class="card sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        <h1>Sign in to the devbox</h1>
        {reason !== undefined && (
          <p class="notice" role="status">
            {reason}
          </p>
        )}
        <Field label="API key" error={fault}>
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
        <ErrorNotice error={action.error} />
        <Button kind="primary" type="submit" isBusy={action.isRunning}>
          Sign in
        </Button>
        <p class="muted">
          <code>flyte-webhook dev</code> prints the keys of alice and bob when it starts. The key
          stays in this tab and is gone when you close it.
        </p>
      </form>
    </main>
  );
}
