import Fastify from "fastify";
import { describe, expect, test, vi } from "vitest";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { serve } from "../../src/app/serve/serve.ts";
import {
  answers,
  createGate,
  named,
  plainApp,
  rejection,
  served,
  textOf,
} from "../support/served.ts";

describe("an app in this process", () => {
  test("is served at the address that its handle tells, also without a health path", async () => {
    const app = await served(plainApp("app"));
    expect(app).toMatchObject({ name: "app", url: app.endpoint });
    expect(app.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await textOf(app.endpoint)).toBe("app");
    expect(await app.isActive()).toBe(true);
    expect(await app.isDeactivated()).toBe(false);
  });

  test("is stopped and started again at the same address", async () => {
    const app = await served(plainApp("app"));
    await app.deactivate();
    expect([await app.isActive(), await app.isDeactivated()]).toEqual([false, true]);
    expect(await answers(app.endpoint)).toBe(false);
    await app.deactivate();
    await app.activate();
    await app.activate();
    expect(await textOf(app.endpoint)).toBe("app");
  });

  test("ends with the block that uses it", async () => {
    let endpoint: string;
    {
      await using app = await serve(plainApp("app"), { port: 0 });
      endpoint = app.endpoint;
      expect(await answers(endpoint)).toBe(true);
    }
    expect(await answers(endpoint)).toBe(false);
  });

  test("may be ready, but then is served once", async () => {
    const app = await served(new FastifyAppEnvironment({ name: "app", app: named("app") }));
    expect(await textOf(app.endpoint)).toBe("app");
    await app.deactivate();
    const error = await rejection(app.activate());
    expect(error).toMatchObject({
      code: "precondition_failed",
      message: expect.stringContaining("Give app as a function"),
    });
    expect(await app.isDeactivated()).toBe(true);
  });

  test("may be made by a function that takes its time", async () => {
    const make = async () => named("late");
    const app = await served(new FastifyAppEnvironment({ name: "app", app: make }));
    expect(await textOf(app.endpoint)).toBe("late");
  });

  test("has hooks around its life", async () => {
    const seen: string[] = [];
    const env = new FastifyAppEnvironment({
      name: "app",
      app: () => {
        seen.push("app");
        return named("app").addHook("onClose", async () => void seen.push("close"));
      },
      onStartup: ({ name }) => void seen.push(`startup of ${name}`),
      onShutdown: () => void seen.push("shutdown"),
    });
    const app = await served(env);
    expect(seen).toEqual(["startup of app", "app"]);
    await app.deactivate();
    expect(seen.slice(2)).toEqual(["close", "shutdown"]);
  });

  test("answers what it has accepted before it stops", async () => {
    const arrived = createGate();
    const release = createGate();
    const make = () => {
      const app = Fastify();
      app.get("/slow", async () => {
        arrived.open();
        await release.opened;
        return "done";
      });
      return app;
    };
    const app = await served(new FastifyAppEnvironment({ name: "app", app: make }));
    const answer = textOf(`${app.endpoint}/slow`);
    await arrived.opened;
    const stopped = app.deactivate();
    release.open();
    expect(await answer).toBe("done");
    await stopped;
    expect(await answers(app.endpoint)).toBe(false);
  });

  test("is cut off when it takes longer than the grace time", async () => {
    const arrived = createGate();
    const make = () => {
      const app = Fastify();
      app.get("/never", () => {
        arrived.open();
        return new Promise(() => undefined);
      });
      return app;
    };
    const env = new FastifyAppEnvironment({ name: "app", app: make });
    const app = await served(env, { deactivateTimeoutMs: 50 });
    const answer = rejection(fetch(`${app.endpoint}/never`));
    await arrived.opened;
    await app.deactivate();
    expect(await answer).toBeInstanceOf(TypeError);
  });

  test("that throws while it starts leaves nothing behind", async () => {
    const make = () => {
      throw new Error("no database");
    };
    const shutdown = vi.fn();
    const env = new FastifyAppEnvironment({ name: "app", app: make, onShutdown: shutdown });
    const error = await rejection(serve(env, { port: 0 }));
    expect(error).toMatchObject({
      code: "app_failed",
      message: 'The app "app" did not start: no database',
    });
    expect(shutdown).toHaveBeenCalledOnce();
    await served(plainApp("app"));
  });

  test("that never gets healthy is stopped, and the error tells the last answer", async () => {
    const make = () => {
      const app = Fastify();
      app.get("/ready", async (_request, reply) => reply.code(503).send("not yet"));
      return app;
    };
    const env = new FastifyAppEnvironment({ name: "app", app: make });
    const times = { activateTimeoutMs: 30, probeIntervalMs: 5, probeTimeoutMs: 60_000 };
    const error = await rejection(serve(env, { port: 0, healthPath: "/ready", ...times }));
    expect(error).toMatchObject({
      code: "deadline_exceeded",
      message: expect.stringMatching(/"app".*30 ms.*\/ready gave status 503.*below 500/),
    });
    const [, url = ""] = /GET (http\S+)/.exec(String(error)) ?? [];
    expect(await answers(url)).toBe(false);
  });

  test("is waited for while it is not healthy yet", async () => {
    let asked = 0;
    const make = () => {
      const app = Fastify();
      app.get("/health", async (_request, reply) => {
        asked += 1;
        return reply.code(asked < 3 ? 500 : 404).send();
      });
      return app;
    };
    const env = new FastifyAppEnvironment({ name: "app", app: make });
    const app = await served(env, { probeIntervalMs: 5 });
    expect(asked).toBe(3);
    expect(await app.isActive()).toBe(true);
  });

  test("that is not waited for is started all the same", async () => {
    const app = await served(plainApp("app"));
    await app.deactivate({ wait: false });
    await app.activate({ wait: false });
    expect(await textOf(app.endpoint)).toBe("app");
  });
});

describe("a start that is given up", () => {
  const never = new FastifyAppEnvironment({
    name: "never",
    app: () => {
      const app = Fastify();
      app.get("/health", async (_request, reply) => {
        asked.open();
        return reply.code(500).send();
      });
      return app;
    },
  });
  let asked = createGate();

  test("by its signal ends with the reason and leaves nothing", async () => {
    asked = createGate();
    const controller = new AbortController();
    const failed = rejection(serve(never, { port: 0, signal: controller.signal }));
    await asked.opened;
    controller.abort(new Error("enough"));
    expect(await failed).toMatchObject({ message: "enough" });
    await served(plainApp("never"));
  });

  test("by its deactivation ends with an error that says so", async () => {
    const healthy = { now: true };
    const env = new FastifyAppEnvironment({
      name: "app",
      app: () => {
        const app = Fastify();
        app.get("/health", async (_request, reply) => {
          asked.open();
          return reply.code(healthy.now ? 200 : 500).send();
        });
        return app;
      },
    });
    const app = await served(env);
    await app.deactivate();
    healthy.now = false;
    asked = createGate();
    const failed = rejection(app.activate());
    await asked.opened;
    await app.deactivate();
    expect(await failed).toMatchObject({ code: "canceled" });
    expect(await app.isDeactivated()).toBe(true);
  });
});
