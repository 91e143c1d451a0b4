import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** Where the user stories stand. */
export const storyPage: string = resolve(import.meta.dirname, "../../docs/stories.md");

/** The block of commands in a story of the page. */
export async function storyBlock(story: number): Promise<string> {
  const text = await readFile(storyPage, "utf8");
  const [, section = ""] =
    new RegExp(`^### ${story}\\. .*\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, "m").exec(text) ?? [];
  const [, block] = /^```sh\n([\s\S]*?)^```$/m.exec(section) ?? [];
  if (block === undefined) throw new Error(`Story ${story} has no commands.`);
  return block;
}
