import { callbackUrl } from "../callbacks/callback-parameter.ts";
import type { Endpoint } from "../endpoint.ts";
import { list, nullable, object, text } from "../json-schema.ts";
import { addedScope, bodyParameter, switchParameter, textParameter } from "../parameters.ts";
import { dryRun } from "../starting/run-option-parameters.ts";
import { waitParameter } from "../waits/waiting-time.ts";
import { withEnd } from "./run-answers.ts";

const names = nullable(list(text));

/** The endpoints of the group `build`. */
export const buildEndpoints: readonly Endpoint[] = [
  {
    name: "build_image",
    group: "build",
    method: "POST",
    path: "/build-image",
    summary: "Start the build of a container image",
    parameters: [
      textParameter("base_image", "The image to build on."),
      textParameter("python_version", "The version of Python, for example 3.12."),
      textParameter("flyte_version", "The version of Flyte in the image."),
      textParameter("name", "The name of the image."),
      switchParameter("pre", "Allow packages that are not released yet."),
      bodyParameter("pip_packages", "Packages of Python, for example pandas==2.2.3.", "texts"),
      bodyParameter("apt_packages", "Packages of Debian.", "texts"),
      bodyParameter("platform", "What it has to run on: linux/amd64, linux/arm64.", "texts"),
      ...addedScope,
      waitParameter,
      dryRun,
      callbackUrl,
    ],
    bodyExample: { pip_packages: ["pandas"], apt_packages: ["git"] },
    answer: withEnd(
      object({
        image_build_run_url: nullable(text),
        image_name: nullable(text),
        base_image: text,
        pip_packages: names,
        apt_packages: names,
      }),
    ),
    example: {
      image_build_run_url: null,
      image_name: "my-image",
      base_image: "flyte-debian-base",
      pip_packages: ["pandas"],
      apt_packages: ["git"],
    },
    fence: "none",
  },
];
