import { type Command, Option } from "commander";
import { addConnectionOptions } from "./options.ts";

/** Declares `build`. */
export function addImageCommands(program: Command): void {
  const build = program
    .command("build")
    .helpGroup("Work:")
    .description("build a container image with Docker, or on the control plane")
    .argument("[file]", "a .ts, .js or .mjs file that exports an image, or an app with one")
    .argument("[name]", "which of them, when the file exports several");
  for (const option of [...imageOptions(), ...buildOptions()]) build.addOption(option);
  addConnectionOptions(build);
  build
    .addHelpText("after", buildHelp)
    .action(async (file, name, options) =>
      (await import("./commands/build.ts")).build(file, name, options),
    );
}

function buildOptions(): readonly Option[] {
  return [
    new Option(
      "--builder <builder>",
      "who builds: Docker here, or the control plane (image.builder of the config file, else local)",
    ).choices(["local", "remote"]),
    new Option("--push", "push what Docker has built to the image's registry"),
    new Option("--force", "build anew what is there or cached"),
    new Option("--print-dockerfile", "print the Dockerfile, build nothing"),
    new Option(
      "--output <folder>",
      "write the Dockerfile and what it copies into a folder, build nothing",
    ),
    new Option("-w, --wait", "wait for the control plane's build and print where the image is"),
  ];
}

/** What the image is; those of the first group in place of a file. */
function imageOptions(): readonly Option[] {
  const options = [
    new Option("--base <image>", "begin with an image"),
    new Option("--node [version]", "begin with Node.js on Debian (24)"),
    new Option("--apt <packages...>", "Debian packages"),
    new Option("--pip <packages...>", "Python packages"),
    new Option("--npm <packages...>", "npm packages"),
    new Option("--image-name <name>", "last part of the image's name"),
    new Option(
      "--registry <registry>",
      "where the image belongs, such as ghcr.io/my-org (image.registry of the config file)",
    ),
    new Option("--platform <platforms...>", "linux/amd64, linux/arm64 (the builder's own)"),
  ];
  return options.map((option) => option.helpGroup("Image options:"));
}

const buildHelp = `
Examples:
  flyte-webhook build app.ts --push
  flyte-webhook build --node 24 --npm flyte-webhook --print-dockerfile
  flyte-webhook build --base python:3.12-slim --pip pandas --builder remote --wait`;
