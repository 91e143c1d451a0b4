import { Code, ConnectError } from "@connectrpc/connect";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { onBack } from "../control-plane/connection.ts";
import { ErrorNotice } from "../ui/error-notice.tsx";
import { Loading } from "../ui/loading.tsx";
import { endSession, signIn, useSession } from "./session.ts";
import { SignIn } from "./sign-in.tsx";
import { whoAmI } from "./who-am-i.ts";

/** Shows what is below it to whoever is signed in, and the sign-in to all others. */
export function SignInGate({ children }: { readonly children: ComponentChildren }): VNode {
  const session = useSession();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (session.kind !== "unknown") return;
    setError(undefined);
    const { key } = session;
    whoAmI(key).then(signIn, (failure: unknown) => {
      if (ConnectError.from(failure).code !== Code.Unauthenticated) return setError(failure);
      endSession(key === undefined ? undefined : "Your key is no longer valid. Sign in again.");
    });
  }, [session.kind, round]);

  useEffect(() => onBack(() => setRound((before) => before + 1)), []);

  if (session.kind === "in") return <>{children}</>;
  if (session.kind === "out")
    return <SignIn reason={session.reason} isOpen={session.isOpen === true} />;
  return (
    <main class="gate">
      {error === undefined ? (
        <Loading what="who you are" />
      ) : (
        <ErrorNotice error={error} retry={() => setRound((before) => before + 1)} />
      )}
    </main>
  );
}
