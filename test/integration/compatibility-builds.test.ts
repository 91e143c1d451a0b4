import { describe, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { type TestWebhook, useBothModes } from "../support/webhook.ts";

/** Starting image builds and prefetches, in both modes. */
const modes = useBothModes();

async function both(path: string, body?: unknown) {
  const ask = ({ url }: TestWebhook) => createCaller(url, "key").post(path, body);
  return { ours: await ask(modes.ours), upstream: await ask(modes.upstream) };
}

const runs = () => modes.all.map(({ stub }) => stub.runs.created.length);
const runUrl = expect.stringMatching(/^http:\S+\/runs\/rnew$/);

describe("an image", () => {
  test("may have any base, and its build is told by its address", async () => {
    const answers = await both("/build-image?base_image=python:3.12-slim&name=other");
    for (const { status, body } of [answers.ours, answers.upstream]) {
      expect(status).toBe(200);
      expect(body).toMatchObject({
        image_build_run_url: runUrl,
        image_name: "other",
        base_image: "python:3.12-slim",
      });
    }
    expect(runs()).toEqual([1, 1]);
  });

  test("takes its packages from the query as well, where the original does not look", async () => {
    const answers = await both("/build-image?pip_packages=httpx&pip_packages=pandas");
    expect(answers.ours.body.pip_packages).toEqual(["httpx", "pandas"]);
    expect(answers.upstream.body.pip_packages).toBeNull();
    expect(runs()).toEqual([1, 0]);
  });

  test("for a platform nobody knows is refused, in the original built for another", async () => {
    const answers = await both("/build-image?name=a", { platform: ["linux/arm"] });
    expect(answers.ours).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(answers.ours.body.errors[0].path).toBe("platform[0]");
    expect(answers.upstream.status).toBe(200);
    expect(runs()).toEqual([0, 1]);
  });

  test("with half a version of Python is refused, in the original built with another", async () => {
    const answers = await both("/build-image?name=a&python_version=3");
    expect(answers.ours.body.errors[0].path).toBe("python_version");
    expect([answers.ours.status, answers.upstream.status]).toEqual([400, 200]);
    expect(runs()).toEqual([0, 1]);
  });

  test("that one caller builds is not answered to another", async () => {
    for (const { url, stub } of modes.all) {
      for (const key of ["one", "two", "one"]) {
        const body = { apt_packages: ["git"] };
        expect((await createCaller(url, key).post("/build-image", body)).status).toBe(200);
      }
      const starts = stub.calls.filter(({ method }) => method === "createRun");
      const callers = starts.map(({ authorization }) => authorization);
      expect(callers).toEqual(["Bearer one", "Bearer two", "Bearer one"]);
    }
  });

  test("is built where the request says, which the original does not know of", async () => {
    await both("/build-image?name=a&project=other&domain=staging");
    const places = modes.all.map(({ stub }) => stub.runs.created[0]?.id.value);
    expect(places).toMatchObject([
      { name: "other", domain: "staging" },
      { name: "flytesnacks", domain: "development" },
    ]);
  });
});

describe("a prefetch", () => {
  const path = "/prefetch/hf-model?repo=org/model";

  test("is a run of the registered task, by reference", async () => {
    const answers = await both(path);
    for (const { body } of [answers.ours, answers.upstream]) {
      expect(body).toEqual({ name: "rnew", url: runUrl, phase: "running", done: false });
    }
    for (const { stub } of modes.all) {
      expect(stub.runs.created.map(({ task }) => task)).toMatchObject([
        { case: "taskId", value: { name: "prefetch.hf_model", version: "v1" } },
      ]);
    }
  });

  test("takes an integer as digits, the original as Python reads it", async () => {
    const answers = await both(`${path}&force=%200_0.0`);
    expect([answers.ours.status, answers.upstream.status]).toEqual([422, 200]);
    expect(runs()).toEqual([0, 1]);
  });

  test("cannot be where the task is not registered", async () => {
    for (const { stub } of modes.all) stub.tasks.absent.add("prefetch.hf_model");
    const answers = await both(path);
    expect(answers.ours).toMatchObject({ status: 501, body: { code: "unimplemented" } });
    expect(answers.ours.body.detail).toContain("prefetchTask");
    expect(answers.upstream.status).toBe(500);
    expect(runs()).toEqual([0, 0]);
  });

  test("is refused with what the task does not take, not run without it", async () => {
    for (const query of ["serial_format=onnx", "task=chat", "force=1", "architecture=x"]) {
      const answers = await both(`${path}&${query}`);
      expect([answers.ours.status, answers.upstream.status]).toEqual([400, 500]);
      expect(answers.ours.body.errors[0].path).toBe(query.split("=")[0]);
    }
    expect(runs()).toEqual([0, 0]);
  });

  test("has other resources and another token by the specification of the task", async () => {
    for (const { stub } of modes.all) stub.secrets.present.add("/ OTHER");
    for (const query of ["cpu=4", "hf_token_key=OTHER"]) {
      const answers = await both(`${path}&${query}`);
      expect([answers.ours.status, answers.upstream.status]).toEqual([200, 200]);
    }
    const started = modes.all.map(({ stub }) => stub.runs.created.map(({ task }) => task.case));
    expect(started).toEqual(Array(2).fill(["taskSpec", "taskSpec"]));
  });

  test("is refused with a secret that is not there, which the original finds out when it runs", async () => {
    const answers = await both(`${path}&hf_token_key=OTHER`);
    expect([answers.ours.status, answers.upstream.status]).toEqual([400, 500]);
    expect(answers.ours.body.errors[0].path).toBe("hf_token_key");
    expect(runs()).toEqual([0, 0]);
  });

  test("is refused of what is no repository", async () => {
    for (const repo of ["a/b/c", "..", "org/..", "org/a b", "https://evil.example"]) {
      const answers = await both(`/prefetch/hf-model?repo=${encodeURIComponent(repo)}`);
      expect([answers.ours.status, answers.upstream.status]).toEqual([400, 500]);
    }
    expect(runs()).toEqual([0, 0]);
  });

  test("is the only kind of run that its endpoints touch", async () => {
    const ends = [
      ["get", ""],
      ["get", "/io"],
      ["post", "/abort"],
    ] as const;
    for (const { url, stub } of modes.all) {
      for (const [verb, end] of ends) {
        const ask = async (run: string) => {
          const answer = await createCaller(url, "key")[verb](`/prefetch/hf-model/${run}${end}`);
          const { requestId, ...body } = answer.body;
          return `${answer.status} ${JSON.stringify(body).replaceAll(run, "RUN")}`;
        };
        const absent = await ask("run-absent");
        expect(await ask("run-of-other")).toBe(absent);
        expect(await ask("run-of-unknown")).toBe(absent);
        expect(stub.takeMethods()).not.toContain("abortRun");
        expect(await ask("run-of-prefetch")).toMatch(/^200 /);
      }
    }
  });
});
