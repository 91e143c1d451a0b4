import { describe, expect, onTestFinished, test } from "vitest";
import type { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { named, rejection, served } from "../support/served.ts";

/** Environments that write down when they start and stop. */
function createLog() {
  const log: string[] = [];
  const make = (name: string, ...dependsOn: AppEnvironment[]) =>
    new FastifyAppEnvironment({
      name,
      dependsOn,
      app: () => named(name),
      onStartup: () => void log.push(`+${name}`),
      onShutdown: () => void log.push(`-${name}`),
    });
  return { make, taken: () => log.splice(0) };
}

describe("what an app depends on", () => {
  test("starts before it, once, and stops after it", async () => {
    const { make, taken } = createLog();
    const base = make("base");
    const app = await served(make("top", make("left", base), make("right", base)));
    expect(taken()).toEqual(["+base", "+left", "+right", "+top"]);
    await app.deactivate();
    expect(taken()).toEqual(["-top", "-right", "-left", "-base"]);
    await app.activate();
    expect(taken()).toEqual(["+base", "+left", "+right", "+top"]);
  });

  test("is shared by apps that are served one after the other, and stops with the last", async () => {
    const { make, taken } = createLog();
    const base = make("base");
    const one = await served(make("one", base));
    const two = await served(make("two", base));
    expect(taken()).toEqual(["+base", "+one", "+two"]);
    await one.deactivate();
    expect(taken()).toEqual(["-one"]);
    await two.deactivate();
    expect(taken()).toEqual(["-two", "-base"]);
  });

  test("goes on when it is served for its own sake too", async () => {
    const { make, taken } = createLog();
    const base = make("base");
    const [top, own] = await serve([make("top", base), base], { port: 0 });
    onTestFinished(async () => void (await own?.deactivate()));
    expect(taken()).toEqual(["+base", "+top"]);
    await top?.deactivate();
    expect(taken()).toEqual(["-top"]);
    expect(await own?.isActive()).toBe(true);
  });

  test("stops when the app does not start", async () => {
    const { make, taken } = createLog();
    const broken = new FastifyAppEnvironment({
      name: "broken",
      dependsOn: [make("base")],
      app: () => {
        throw new Error("no");
      },
    });
    await rejection(served(broken));
    expect(taken()).toEqual(["+base", "-base"]);
  });

  test("must not depend on the app in turn", async () => {
    const { make, taken } = createLog();
    const [a, b, c] = [make("a"), make("b"), make("c")];
    Object.assign(a, { dependsOn: [b] });
    Object.assign(b, { dependsOn: [c] });
    Object.assign(c, { dependsOn: [b] });
    expect(await rejection(served(a))).toMatchObject({
      code: "invalid_config",
      message: "The apps depend on each other in a circle: b → c → b.",
    });
    expect(taken()).toEqual([]);
  });

  test("must not have the name of another app", async () => {
    const { make, taken } = createLog();
    const error = await rejection(served(make("top", make("base"), make("left", make("base")))));
    expect(String(error)).toContain('two apps named "base"');
    expect(taken()).toEqual([]);
  });
});

describe("several apps", () => {
  test("are served in the order given, each at its own address", async () => {
    const { make, taken } = createLog();
    const apps = await serve([make("one"), make("two")], { port: 0 });
    expect(apps.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(new Set(apps.map(({ endpoint }) => endpoint)).size).toBe(2);
    for (const app of apps) await app.deactivate();
    expect(taken()).toEqual(["+one", "+two", "-one", "-two"]);
  });

  test("are stopped together when one does not start", async () => {
    const { make, taken } = createLog();
    const broken = new FastifyAppEnvironment({ name: "broken", app: () => Promise.reject("no") });
    await rejection(serve([make("one"), make("two"), broken], { port: 0 }));
    expect(taken()).toEqual(["+one", "+two", "-two", "-one"]);
  });

  test("cannot share one port", async () => {
    const { make } = createLog();
    const error = await rejection(serve([make("one"), make("two")], { port: 8080 }));
    expect(String(error)).toContain("One port cannot be for several apps");
  });

  test("may be none", async () => {
    expect(await serve([])).toEqual([]);
  });
});
