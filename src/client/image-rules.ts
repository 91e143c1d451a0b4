import { isImageName, isImageReference, isRegistry } from "./image-reference.ts";
import { isRequirement } from "./image-requirement.ts";
import { isNpmPackage } from "./npm-package.ts";

/** What a text of an image has to be: the test, and the sentence for one that fails it. */
export interface ImageRule {
  readonly holds: (text: string) => boolean;
  readonly message: string;
}

/** Parts of an image end up in commands, so each rule says what may be there, not what may not. */
export const imageRules: {
  readonly [Part in ImagePart]: ImageRule;
} = {
  baseImage: {
    holds: isImageReference,
    message: "is not the name of an image; write [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST]",
  },
  name: {
    holds: isImageName,
    message:
      "is not the last part of an image's name: lower-case letters and digits, with dots, underscores and hyphens in between",
  },
  registry: {
    holds: isRegistry,
    message: "is not a registry; write HOST[:PORT][/PATH] without https://",
  },
  pythonVersion: {
    holds: (text) => /^3\.(?:0|[1-9][0-9]?)$/.test(text),
    message: 'is not a version of Python; write it with two numbers, for example "3.12"',
  },
  flyteVersion: {
    holds: (text) => /^v?[0-9]+(?:\.[0-9]+){1,2}[A-Za-z0-9.+-]{0,60}$/.test(text),
    message: 'is not a version of Flyte, for example "2.0.0"',
  },
  platform: {
    holds: (text) => text === "linux/amd64" || text === "linux/arm64",
    message: "is not a platform images are built for; choose linux/amd64 or linux/arm64",
  },
  aptPackage: {
    holds: (text) => text.length <= 200 && aptPackage.test(text),
    message: "is not a Debian package; write NAME, NAME=VERSION or NAME:ARCHITECTURE",
  },
  requirement: {
    holds: isRequirement,
    message:
      'is not a requirement of a Python package; write for example httpx, "uvicorn[standard]>=0.30" or "name @ https://…"',
  },
  npmPackage: {
    holds: isNpmPackage,
    message:
      "is not an npm package of a registry; write NAME, NAME@VERSION or @SCOPE/NAME@RANGE, without spaces",
  },
  indexUrl: {
    holds: (text) => text.length <= 1_000 && URL.canParse(text) && indexUrl.test(text),
    message: "is not the address of a package index; write https://HOST[:PORT][/PATH]",
  },
  extraArgs: {
    holds: (text) => /^[A-Za-z0-9 ._/:=,+@%~-]{1,1000}$/.test(text),
    message: "may have letters, digits, spaces and ._/:=,+@%~- only",
  },
  command: {
    holds: (text) => text.trim() !== "" && text.length <= 10_000 && isOneLine(text),
    message: "is not a command: it is empty, too long, or more than one line",
  },
  envName: {
    holds: (text) => /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(text) && text !== "__proto__",
    message: "is not the name of an environment variable",
  },
  envValue: {
    holds: (text) => text.length <= 10_000 && isOneLine(text),
    message: "is too long for an environment variable, or holds control characters",
  },
  source: {
    holds: (text) => text.length > 0 && text.length <= 4_096 && !text.includes("\0"),
    message: "is not the path of a file or folder on this machine",
  },
  destination: {
    holds: (text) =>
      /^(?!-)[A-Za-z0-9._/+@-]{1,1000}$/.test(text) && !/(?:^|\/)\.\.(?:\/|$)/.test(text),
    message:
      "is not a path in the image of letters, digits and ._/+@-, without .. in it; name the destination yourself",
  },
  user: {
    holds: (text) =>
      /^(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9})(?::(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9}))?$/.test(
        text,
      ),
    message: "is not a user; write a name or numbers, such as node or 1000:1000",
  },
  nodeVersion: {
    holds: (text) => /^[2-9][0-9](?:\.(?:0|[1-9][0-9]{0,3})){0,2}$/.test(text),
    message: 'is not a version of Node.js from 20 on, for example "24" or "24.1.0"',
  },
  workdir: {
    holds: (text) => /^\/[A-Za-z0-9._/+@-]{0,1000}$/.test(text) && !/\/\.\.?(?:\/|$)/.test(text),
    message: "is not an absolute path of letters, digits and ._/+@-, without . and .. in it",
  },
};

type ImagePart =
  | "baseImage"
  | "name"
  | "registry"
  | "pythonVersion"
  | "flyteVersion"
  | "platform"
  | "aptPackage"
  | "requirement"
  | "npmPackage"
  | "indexUrl"
  | "extraArgs"
  | "command"
  | "envName"
  | "envValue"
  | "source"
  | "destination"
  | "user"
  | "nodeVersion"
  | "workdir";

/** A hyphen at the end would ask for the package to be removed. */
const aptPackage =
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](?::[a-z0-9][a-z0-9-]*)?(?:=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$/;

const indexUrl = /^https?:\/\/[A-Za-z0-9[][A-Za-z0-9._~:/@%=+,[\]-]*$/;

function isOneLine(text: string): boolean {
  return !/[^\P{Cc}\t]|[\p{Zl}\p{Zp}]/u.test(text);
}
