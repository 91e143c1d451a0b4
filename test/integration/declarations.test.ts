import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { packCode } from "../../src/app/bundle/pack-code.ts";
import { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import { declaringFile } from "../../src/app/environment/declarations.ts";
import { FlyteWebhookAppEnvironment } from "../../src/webhook/flyte-webhook-app-environment.ts";
import { appFolder } from "../support/app-folder.ts";

const here = fileURLToPath(import.meta.url);

class Own extends FlyteWebhookAppEnvironment {
  constructor(name: string) {
    super({ name });
  }
}

test("an environment knows the file that makes it, also as a clone and through a class", () => {
  const plain = new AppEnvironment({ name: "a", command: "x" });
  const made = [
    plain,
    plain.cloneWith("b"),
    new FlyteWebhookAppEnvironment({ name: "c" }),
    new Own("d"),
  ];
  expect(made.map(declaringFile)).toEqual([here, here, here, here]);
});

test("equal code is an equal bundle wherever it lies, and other files make another one", async () => {
  const files = {
    "app.ts": 'import { a } from "./lib/a.ts"; export const b: number = a;',
    "lib/a.ts": "export const a = import.meta.url.length;",
    "words/one.txt": "1",
    "words/deep/two.txt": "2",
    ".hidden/three.txt": "3",
  };
  const pack = async (folder: string, include: readonly string[]): Promise<string> => {
    const { bytes } = await packCode(join(folder, "app.ts"), include);
    return Buffer.from(bytes).toString("base64");
  };
  const [first, second] = [await appFolder(files), await appFolder(files)];
  const bundle = await pack(first, ["words"]);
  expect(await pack(second, ["words/**", "words/one.txt"])).toBe(bundle);
  expect(await pack(first, ["words/one.txt"])).not.toBe(bundle);
  expect(await pack(first, ["**/three.txt", "words"]).catch(String)).toMatch(
    /three\.txt.* means no file/,
  );
  const changed = await appFolder({ ...files, "lib/a.ts": "export const a = 5;" });
  expect(await pack(changed, ["words"])).not.toBe(bundle);
});
