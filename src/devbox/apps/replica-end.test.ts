import { expect, test } from "vitest";
import { describeDeaf, describeEnd, type EndFacts } from "./replica-end.ts";

const facts: EndFacts = {
  name: "a-1",
  end: { kind: "exited", exitCode: 1, signal: undefined },
  tail: [],
  isReady: true,
  lateAfterMs: undefined,
  declaredPort: undefined,
  isDeclaredFree: false,
};
const endedBy = (signal: string, isReady = true): string =>
  describeEnd({ ...facts, isReady, end: { kind: "exited", exitCode: undefined, signal } }).message;

test("an end by SIGKILL that nobody here sent says what is probably the reason", () => {
  expect(endedBy("SIGKILL")).toBe(
    "Replica a-1 ended by SIGKILL, which the devbox did not send (the system kills processes when memory runs out).",
  );
  expect(endedBy("SIGKILL", false)).toMatch(/runs out\) before it listened on the port in PORT\.$/);
});

test("other ends say how", () => {
  expect(endedBy("SIGSEGV")).toBe("Replica a-1 ended with signal SIGSEGV.");
  expect(describeEnd(facts).message).toBe("Replica a-1 ended with exit code 1.");
});

test("a replica that listens no more is a failure that another start may mend", () => {
  expect(describeDeaf({ name: "a-1", address: { port: 8080 } })).toEqual({
    substate: "crash_loop",
    message: "Replica a-1 stopped listening on port 8080 and went on running; it is replaced.",
    isFinal: false,
  });
});
