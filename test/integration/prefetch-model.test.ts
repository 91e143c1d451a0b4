import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { seededContent, sha256Of, textContent } from "../support/hub-content.ts";
import type { HubFile } from "../support/hub-server.ts";
import { readStored, usePrefetching } from "../support/prefetching-devbox.ts";

const manifest = ".flyte-model.json";
const here = usePrefetching();

const config = textContent(
  JSON.stringify({ architectures: ["LlamaForCausalLM"], model_type: "llama" }),
);

/** A model with files of every kind: empty, small, in folders, with names to encode, large. */
function filesOf(seed: number, bytes = 300_000): readonly HubFile[] {
  return [
    { path: "config.json", content: config },
    { path: "empty.txt", content: textContent("") },
    { path: "notes/déjà vu #1?.md", content: textContent(`notes ${seed}`) },
    { path: "deep/er/still/tokenizer.bin", content: seededContent(200_001, seed) },
    {
      path: "model-1.safetensors",
      content: seededContent(bytes, seed + 1),
      isLarge: true,
    },
    { path: "model-2.safetensors", content: seededContent(bytes + 7, seed + 2), isLarge: true },
  ];
}

function hashesOf(files: readonly HubFile[]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ path, content }) => [path, sha256Of(content)]));
}

async function storedBeside(uri: string): Promise<Readonly<Record<string, string>>> {
  const { [manifest]: _, ...files } = await readStored(uri);
  return files;
}

describe("a model", () => {
  test("is stored whole, and told with what is known of it", async () => {
    const files = filesOf(100);
    const commit = here.hub.add({
      repo: "org/llama",
      files,
      about: {
        pipeline_tag: "text-generation",
        library_name: "transformers",
        cardData: { license: "mit" },
      },
    });
    const { phase, error, io } = await here.box.prefetch({ repo: "org/llama" });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    const { o0, o1 } = io.outputs;
    expect(o1).toEqual({
      artifact_name: "llama",
      source_repo: "org/llama",
      source_commit: commit,
      framework: "transformers",
      architecture: "LlamaForCausalLM",
      model_type: "llama",
      task: "text-generation",
      modality: ["text"],
      serial_format: "safetensors",
      short_description: "Model for text-generation from org/llama, made with transformers.",
      license: "mit",
      files: 6,
      size_bytes: files.reduce((sum, { content }) => sum + content.size, 0),
      stored_at: uriOf(o0),
      reused: false,
    });
    expect(uriOf(o0)).toMatch(new RegExp(`/models/flytesnacks/development/org--llama/${commit}$`));
    expect(await storedBeside(uriOf(o0))).toEqual(hashesOf(files));
  });

  test("has what the request says of it", async () => {
    here.hub.add({ repo: "gpt2", files: filesOf(200) });
    const said = {
      artifact_name: "Our_GPT",
      architecture: "Own",
      model_type: "own",
      serial_format: "gguf",
      task: "chat",
      short_description: "ours",
    };
    const { io } = await here.box.prefetch({ repo: "gpt2", modality: ["text", "image"], ...said });
    expect(io.outputs.o1).toMatchObject({ ...said, modality: ["text", "image"] });
    expect(uriOf(io.outputs.o0)).toContain("/development/Our_GPT/");
  });

  test("that is stored is used again, until another number forces it or it has a new commit", async () => {
    here.hub.add({ repo: "org/again", files: filesOf(300) });
    const first = await here.box.prefetch({ repo: "org/again" });
    here.hub.takeFiles();
    const second = await here.box.prefetch({ repo: "org/again" });
    expect(here.hub.takeFiles()).toEqual([]);
    expect(second.io.outputs.o0).toEqual(first.io.outputs.o0);
    expect(second.io.outputs.o1).toEqual({ ...first.io.outputs.o1, reused: true });
    const forced = await here.box.prefetch({ repo: "org/again", force: 1 });
    expect(here.hub.takeFiles().length).toBeGreaterThan(5);
    expect(forced.io.outputs.o1).toEqual(first.io.outputs.o1);
    expect(await storedBeside(uriOf(forced.io.outputs.o0))).toEqual(hashesOf(filesOf(300)));
    here.hub.add({ repo: "org/again", files: filesOf(400) });
    const newer = await here.box.prefetch({ repo: "org/again" });
    expect(newer.io.outputs.o1.reused).toBe(false);
    const folder = dirname(fileURLToPath(uriOf(newer.io.outputs.o0)));
    // Both commits, and nothing of the work on them.
    expect(await readdir(folder)).toHaveLength(2);
  });

  test("goes into the folder that is named, below that of the project's models", async () => {
    here.hub.add({ repo: "org/placed", files: filesOf(500) });
    const { io } = await here.box.prefetch({ repo: "org/placed", raw_data_path: "team/a" });
    const uri = uriOf(io.outputs.o0);
    expect(uri).toContain("/models/flytesnacks/development/team/a/org--placed/");
    const above = uri.slice(0, uri.indexOf("/team/a"));
    const again = await here.box.prefetch({
      repo: "org/placed",
      raw_data_path: `${above}/team/a/`,
    });
    expect(again.io.outputs.o1).toMatchObject({ stored_at: uri, reused: true });
    for (const place of [
      "/etc",
      "s3://bucket/models",
      "../other",
      "team/../../x",
      `${above}/../staging`,
      ".hidden",
      uri,
    ]) {
      const refused = await here.box.prefetch({ repo: "org/placed", raw_data_path: place });
      expect([place, refused.phase]).toEqual([place, "failed"]);
      expect(refused.error).toContain("cannot be used here");
    }
  });
});

describe("connections", () => {
  const bytes = 3_000_000;

  test("that are cut at random places cost nothing but time", async () => {
    const files = filesOf(600, bytes);
    here.hub.add({ repo: "org/cut", files });
    here.hub.faults.cutWithin = 700_000;
    const { phase, error, io, name } = await here.box.prefetch({ repo: "org/cut" });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    expect(await storedBeside(uriOf(io.outputs.o0))).toEqual(hashesOf(files));
    const ranged = here.hub.takeFiles().filter(({ range }) => range !== undefined);
    expect(ranged.length).toBeGreaterThan(4);
    expect(here.hub.sent).toBeGreaterThan(0);
    expect((await here.box.logOf(name)).split("\n").length).toBeLessThan(30);
  });

  test("bring all of a file anew where the server knows no parts", async () => {
    const files = filesOf(700, 400_000);
    here.hub.add({ repo: "org/whole", files });
    here.hub.faults.cutWithin = 2_000_000;
    here.hub.faults.ignoresRanges = true;
    const { phase, error, io } = await here.box.prefetch({ repo: "org/whole" });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    expect(await storedBeside(uriOf(io.outputs.o0))).toEqual(hashesOf(files));
  });

  test("are tried again after what a busy hub answers, as late as it asks", async () => {
    const files = filesOf(800);
    here.hub.add({ repo: "org/busy", files });
    here.hub.faults.statuses = [429, 503, 500, 429, 502, 504];
    here.hub.faults.retryAfter = "1";
    const { phase, error, io } = await here.box.prefetch({ repo: "org/busy" });
    expect([phase, error]).toEqual(["succeeded", undefined]);
    expect(await storedBeside(uriOf(io.outputs.o0))).toEqual(hashesOf(files));
  });

  test("that a hub wants to wait for hours end the run with that reason", async () => {
    here.hub.add({ repo: "org/hours", files: filesOf(900) });
    here.hub.faults.statuses = [429, 429, 429, 429];
    here.hub.faults.retryAfter = "7200";
    const { phase, error } = await here.box.prefetch({ repo: "org/hours" });
    expect(phase).toBe("failed");
    expect(error).toContain("was asked too often (429)");
    expect(error).toContain("flyte-webhook create secret HF_TOKEN");
  });
});

test("wrong bytes are fetched once more, and are never kept", async () => {
  here.hub.add({ repo: "org/wrong", files: filesOf(1000) });
  here.hub.faults.corrupt.add("model-1.safetensors");
  const { phase, error } = await here.box.prefetch({ repo: "org/wrong" });
  expect(phase).toBe("failed");
  expect(error).toContain('"model-1.safetensors" is not what the hub lists: its sha256');
  const models = await here.box.modelsFolder();
  const left = await readdir(`${models}/org--wrong`, { recursive: true });
  expect(left.filter((name) => name.endsWith("model-1.safetensors"))).toEqual([]);
  expect(left.every((name) => name.startsWith(".released-"))).toBe(true);
  // What was right of it is not fetched again.
  here.hub.resetFaults();
  here.hub.takeFiles();
  const { io } = await here.box.prefetch({ repo: "org/wrong" });
  expect(await storedBeside(uriOf(io.outputs.o0))).toEqual(hashesOf(filesOf(1000)));
  expect(here.hub.takeFiles().filter(({ host }) => host === "store").length).toBeLessThan(3);
});

test("two prefetches of one model at once give the same whole folder", async () => {
  const files = filesOf(1100, 2_000_000);
  here.hub.add({ repo: "org/twice", files });
  const both = await Promise.all([
    here.box.prefetch({ repo: "org/twice" }),
    here.box.prefetch({ repo: "org/twice" }),
  ]);
  expect(both.map(({ phase }) => phase)).toEqual(["succeeded", "succeeded"]);
  const [one, other] = both.map(({ io }) => uriOf(io.outputs.o0));
  expect(one).toBe(other);
  expect(await storedBeside(one ?? "")).toEqual(hashesOf(files));
  expect(await readdir(dirname(fileURLToPath(one ?? "")))).toHaveLength(1);
});

/** A folder's output, as JSON tells it. */
function uriOf(output: { readonly path: string }): string {
  return output.path;
}
