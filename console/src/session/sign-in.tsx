import { Code, ConnectError } from "@connectrpc/connect";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../control-plane/use-action.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNotice } from "../ui/error-notice.tsx";
import { Field } from "../ui/field.tsx";
import { usePageTitle } from "../ui/page-title.ts";
import { readPastedKey } from "./read-pasted-key.ts";
import { goOnWithoutKey, signIn } from "./session.ts";
import { whoAmI } from "./who-am-i.ts";

export interface SignInProps {
  /** Why it is asked for again. */
  readonly reason: string | undefined;
  /** Whether the devbox lets everybody in. */
  readonly isOpen: boolean;
}

/** Asks for an API key. */
export function SignIn({ reason, isOpen }: SignInProps): VNode {
  usePageTitle("Sign in");
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const action = useAction(async () => {
    setFault(undefined);
    const pasted = readPastedKey(key);
    if ("fault" in pasted) return setFault(pasted.fault);
    try {
      signIn(await whoAmI(pasted.key));
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      setFault(
        "This devbox does not know the key: it is of another devbox, revoked, expired, or not whole.",
      );
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
        <Field
          label="API key"
          hint="Paste it as you have it: alone, as FLYTE_API_KEY=…, or as an Authorization header."
          error={fault}
        >
          {(field) => (
            <input
              {...field}
              ref={input}
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
        {isOpen && <Button onClick={goOnWithoutKey}>Go on without a key</Button>}
        <section class="where-keys" aria-labelledby="where-keys">
          <h2 id="where-keys">Where do I get a key?</h2>
          <ul>
            <li>
              <code>flyte-webhook dev</code> prints the keys of alice and bob when it starts, and
              keeps them in <code>~/.flyte-webhook/devbox/keys</code>.
            </li>
            <li>
              Whoever administers the devbox makes one with{" "}
              <code>flyte-webhook create api-key NAME --for USER</code>.
            </li>
          </ul>
          <p class="muted">
            The key stays in this tab, goes to this devbox alone, and is gone when you close the
            tab.
          </p>
        </section>
      </form>
    </main>
  );
}
