import { expect, test } from "vitest";
import { parseEndpoint } from "../endpoint.ts";
import type { AuthContext } from "./auth-context.ts";
import { createAuthenticator } from "./create-authenticator.ts";
import { createExternalCommandSource } from "./external-command.ts";

const { signal } = new AbortController();
const request = { previous: undefined, refused: false, signal };
const script = (code: string, ...rest: readonly string[]) => [
  process.execPath,
  "-e",
  code,
  ...rest,
];

test("what the program prints is the token, without the line break", async () => {
  const source = createExternalCommandSource(script("console.log('fresh-token')"));
  expect(await source.getToken(request)).toEqual({ accessToken: "fresh-token" });
});

test("arguments reach the program as they are, not through a shell", async () => {
  const hostile = "$(id);`id`|$HOME&*";
  const source = createExternalCommandSource(script("console.log(process.argv[1])", hostile));
  expect(await source.getToken(request)).toEqual({ accessToken: hostile });
});

test.each([
  [
    "a failing program",
    script("console.log('planted'); console.error('planted'); process.exit(3)"),
    "exit code 3",
  ],
  ["a program that does not exist", ["/no/such/program", "planted"], "it was not found"],
  ["no output", script(""), "not one line of visible ASCII"],
  ["two lines", script("console.log('planted\\nplanted')"), "not one line of visible ASCII"],
  ["endless output", script("console.log('planted'.repeat(1e6))"), "more than 1 MiB"],
])("%s is an error without its output and arguments", async (_name, command, reason) => {
  const error: unknown = await createExternalCommandSource(command)
    .getToken(request)
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({
    code: "unauthenticated",
    message: expect.stringContaining(reason),
  });
  expect(error).not.toMatchObject({ message: expect.stringContaining("planted") });
});

test("a program that hangs is ended when its time is up, or when nobody waits any more", async () => {
  const hanging = script("setInterval(() => undefined, 1000)");
  await expect(createExternalCommandSource(hanging, 100).getToken(request)).rejects.toThrow(
    "did not end within 0.1 s",
  );
  const controller = new AbortController();
  const asked = createExternalCommandSource(hanging).getToken({
    ...request,
    signal: controller.signal,
  });
  controller.abort("enough");
  await expect(asked).rejects.toBe("enough");
});

test("the program runs again after a refusal, and the proxy's beside it", async () => {
  const context: AuthContext = {
    endpoint: parseEndpoint("http://127.0.0.1:1"),
    tls: {},
    interactive: false,
    notify: () => undefined,
    now: Date.now,
  };
  const authenticator = createAuthenticator({
    choice: { type: "ExternalCommand", command: script("console.log('own-' + process.pid)") },
    proxyCommand: script("console.log('proxy-' + process.pid)"),
    readSecret: async () => "",
    context,
  });
  const first = await authenticator.headers(undefined);
  expect(first).toEqual([
    ["authorization", expect.stringMatching(/^Bearer own-\d+$/)],
    ["proxy-authorization", expect.stringMatching(/^Bearer proxy-\d+$/)],
  ]);
  expect(await authenticator.headers(undefined)).toEqual(first);
  expect(await authenticator.refresh?.(first)).toBe(true);
  const second = await authenticator.headers(undefined);
  expect(second?.[0]?.[1]).not.toBe(first?.[0]?.[1]);
  expect(second?.[1]?.[1]).not.toBe(first?.[1]?.[1]);
});
