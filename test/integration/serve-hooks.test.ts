import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import Fastify from "fastify";
import { describe, expect, test, vi } from "vitest";
import {
  AppEnvironment,
  type AppEnvironmentOptions,
} from "../../src/app/environment/app-environment.ts";
import type { AppContext } from "../../src/app/environment/app-server.ts";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { answers, createGate, rejection, served, textOf } from "../support/served.ts";

/** A server of Node.js that answers with a text. */
function say(text: string, { host, port }: AppContext): Server {
  return createServer((_, response) => response.end(text)).listen(port, host);
}

function hooked(options: Partial<AppEnvironmentOptions>): AppEnvironment {
  return new AppEnvironment({ name: "hooked", ...options });
}

describe("an app of a function", () => {
  test("is what the function returns, and is closed with it", async () => {
    const app = await served(hooked({ server: (context) => say("hello", context) }));
    expect(await textOf(app.endpoint)).toBe("hello");
    expect(await app.isActive()).toBe(true);
    await app.deactivate();
    expect(await answers(app.endpoint)).toBe(false);
    await app.activate();
    expect(await textOf(app.endpoint)).toBe("hello");
  });

  test("may promise it", async () => {
    const server = async (context: AppContext) => {
      const app = Fastify();
      app.get("/", async () => "promised");
      await app.listen({ host: context.host, port: context.port });
      return app;
    };
    const app = await served(hooked({ server }));
    expect(await textOf(app.endpoint)).toBe("promised");
    await app.deactivate();
    expect(await answers(app.endpoint)).toBe(false);
  });

  test("may return something that is stopped", async () => {
    const stop = vi.fn();
    const server = (context: AppContext) => {
      const inner = say("stopped", context);
      stop.mockImplementation(() => inner.close());
      return { stop };
    };
    const app = await served(hooked({ server }));
    await app.deactivate();
    expect(stop).toHaveBeenCalledOnce();
  });

  test("may run until it is told to end", async () => {
    const seen: string[] = [];
    const server = async (context: AppContext) => {
      const inner = say("running", context);
      await once(context.signal, "abort");
      seen.push("told");
      await new Promise((done) => inner.close(done));
      seen.push("ended");
    };
    const app = await served(hooked({ server, onShutdown: () => void seen.push("shutdown") }));
    expect(await textOf(app.endpoint)).toBe("running");
    expect(seen).toEqual([]);
    await app.deactivate();
    expect(seen).toEqual(["told", "ended", "shutdown"]);
  });

  test("gets what it needs, and so do its hooks", async () => {
    const seen: AppContext[] = [];
    const env = hooked({
      envVars: { OWN: "mine" },
      parameters: [{ name: "model", value: "small", envVar: "MODEL" }],
      onStartup: (context) => void seen.push(context),
      server: (context) => {
        seen.push(context);
        return say("hello", context);
      },
      onShutdown: (context) => void seen.push(context),
    });
    const app = await served(env);
    const [first] = seen;
    expect(first).toMatchObject({
      name: "hooked",
      host: "127.0.0.1",
      port: Number(new URL(app.endpoint).port),
      env: { OWN: "mine", MODEL: "small", _RUN_MODE: "local" },
      parameters: { model: "small" },
    });
    expect(first?.signal.aborted).toBe(false);
    await app.deactivate();
    expect(first?.signal.aborted).toBe(true);
    expect(seen).toEqual([first, first, first]);
  });

  test("answers what it has accepted before it stops", async () => {
    const [arrived, release] = [createGate(), createGate()];
    const server = ({ host, port }: AppContext) =>
      createServer(async (request, response) => {
        if (request.url !== "/slow") return response.end();
        arrived.open();
        await release.opened;
        return response.end("done");
      }).listen(port, host);
    const app = await served(hooked({ server }));
    const answer = textOf(`${app.endpoint}/slow`);
    await arrived.opened;
    const stopped = app.deactivate();
    release.open();
    expect(await answer).toBe("done");
    await stopped;
  });

  test("is cut off when it takes longer than the grace time", async () => {
    const app = await served(hooked({ server: (context) => say("x", context) }), {
      deactivateTimeoutMs: 50,
    });
    const { port } = new URL(app.endpoint);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n"); // never finished
    await app.deactivate();
    socket.on("error", () => undefined);
    if (!socket.closed) await once(socket.resume(), "close");
    expect(await app.isDeactivated()).toBe(true);
  });

  test("that does not end when it is told is complained about, and shut down", async () => {
    const shutdown = vi.fn();
    const release = createGate();
    const server = async (context: AppContext) => {
      const inner = say("deaf", context);
      await release.opened;
      inner.close();
    };
    const app = await served(hooked({ server, onShutdown: shutdown }), { deactivateTimeoutMs: 20 });
    expect(await rejection(app.deactivate())).toMatchObject({
      code: "deadline_exceeded",
      message: expect.stringMatching(/"hooked" did not end within 20 ms.*context\.signal/),
    });
    expect(shutdown).toHaveBeenCalledOnce();
    expect(await app.isDeactivated()).toBe(true);
    release.open();
    await expect.poll(() => answers(app.endpoint)).toBe(false);
  });
});

describe("an app of a function that does not start", () => {
  const failing: readonly (readonly [string, AppEnvironmentOptions["server"], RegExp])[] = [
    [
      "throws",
      () => {
        throw new Error("no database");
      },
      /The app "hooked" did not start: no database/,
    ],
    ["rejects", () => Promise.reject(new Error("no luck")), /The app "hooked" ended: no luck/],
    ["returns nothing", () => undefined, /the function server has ended\. Return what/],
    ["returns nothing later", async () => 5, /the function server has ended/],
    [
      "closes what it has started",
      (context) => {
        const inner = say("x", context);
        inner.once("listening", () => inner.close());
        return inner;
      },
      /ended: its server was closed/,
    ],
    [
      "listens where it cannot",
      () => createServer().listen(1, "192.0.2.1"),
      /ended: listen E[A-Z]+: .*192\.0\.2\.1/,
    ],
  ];

  test.each(failing)(
    "because it %s is told, and shut down once",
    async (_, server = () => 0, says) => {
      const seen: string[] = [];
      const env = hooked({
        server,
        onStartup: () => void seen.push("startup"),
        onShutdown: () => void seen.push("shutdown"),
      });
      // What never answers is known to have ended all the same.
      const error = await rejection(serve(env, { port: 0, activateTimeoutMs: 60_000 }));
      expect(error).toMatchObject({ code: "app_failed", message: expect.stringMatching(says) });
      expect(seen).toEqual(["startup", "shutdown"]);
      await served(hooked({ server: (context) => say("again", context) }));
    },
  );

  test("because onStartup throws starts nothing, and leaves nothing running", async () => {
    const seen: string[] = [];
    const base = new FastifyAppEnvironment({
      name: "base",
      app: () => Fastify(),
      onShutdown: () => void seen.push("shutdown of base"),
    });
    const server = vi.fn();
    const env = hooked({
      server,
      dependsOn: [base],
      onStartup: async () => {
        throw new Error("no license");
      },
      onShutdown: () => {
        seen.push("shutdown");
        throw new Error("and no shutdown");
      },
    });
    expect(await rejection(serve(env, { port: 0 }))).toMatchObject({
      code: "app_failed",
      message: 'The app "hooked" did not start: no license',
    });
    expect(server).not.toHaveBeenCalled();
    expect(seen).toEqual(["shutdown", "shutdown of base"]);
  });

  test("because it is given up is told by its signal", async () => {
    const controller = new AbortController();
    const starting = createGate();
    const shutdown = vi.fn();
    const env = hooked({
      onShutdown: shutdown,
      onStartup: async ({ signal }) => {
        starting.open();
        await once(signal, "abort");
        throw signal.reason;
      },
      server: (context) => say("x", context),
    });
    const failed = rejection(serve(env, { port: 0, signal: controller.signal }));
    await starting.opened;
    controller.abort(new Error("enough"));
    expect(await failed).toMatchObject({ message: expect.stringContaining("enough") });
    expect(shutdown).toHaveBeenCalledOnce();
  });
});

describe("an app of a function that ends by itself", () => {
  test("is not active any more, is shut down once, and says why", async () => {
    const shutdown = vi.fn();
    const fail = createGate();
    let output = "";
    const server = async (context: AppContext) => {
      const inner = say("x", context);
      await fail.opened;
      await new Promise((done) => inner.close(done));
      throw new Error("lost the database");
    };
    const app = await served(hooked({ server, onShutdown: shutdown }), {
      onOutput: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
    fail.open();
    await expect.poll(() => app.isDeactivated()).toBe(true);
    expect(await app.isActive()).toBe(false);
    expect(output).toBe('The app "hooked" ended: lost the database\n');
    await expect.poll(() => shutdown.mock.calls.length).toBe(1);
    await app.deactivate();
    expect(shutdown).toHaveBeenCalledOnce();
  });
});

test("a shutdown that fails is told, and the app is stopped all the same", async () => {
  const env = hooked({
    server: (context) => say("x", context),
    onShutdown: () => {
      throw new Error("could not flush");
    },
  });
  const app = await serve(env, { port: 0 });
  expect(await rejection(app.deactivate())).toMatchObject({ message: "could not flush" });
  expect(await app.isDeactivated()).toBe(true);
  expect(await answers(app.endpoint)).toBe(false);
});

test("a clone has the hooks of its original", async () => {
  const seen: string[] = [];
  const env = hooked({
    onStartup: ({ name }) => void seen.push(`+${name}`),
    server: (context) => say(context.name, context),
    onShutdown: ({ name }) => void seen.push(`-${name}`),
  });
  const app = await served(env.cloneWith("clone"));
  expect(await textOf(app.endpoint)).toBe("clone");
  await app.deactivate();
  expect(seen).toEqual(["+clone", "-clone"]);
});
