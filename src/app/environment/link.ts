import { assertFlag, assertOptions, invalidConfig, show } from "./invalid-config.ts";

export interface LinkOptions {
  /** A path of the app, from its slash on, or an address. */
  readonly path: string;
  readonly title: string;
  /** Whether the path is one of the app's. @default whether it begins with a slash */
  readonly isRelative?: boolean;
}

/** A link on an app's page in the console. @throws FlyteError `invalid_config` for what is no link */
export class Link {
  readonly path: string;
  readonly title: string;
  readonly isRelative: boolean;

  constructor(options: LinkOptions) {
    assertOptions("Link", options, ["path", "title", "isRelative"]);
    const { path, title } = options;
    assertFlag("isRelative", options.isRelative);
    if (typeof title !== "string" || title.trim() === "") {
      throw invalidConfig(`The title ${show(title)} of a link must be a text that is not empty.`);
    }
    if (typeof path !== "string") {
      throw invalidConfig(`The path ${show(path)} of link "${title}" must be a text.`);
    }
    this.path = path;
    this.title = title;
    this.isRelative = options.isRelative ?? path.startsWith("/");
    if (this.isRelative ? !isPath(path) : !isAddress(path)) {
      throw invalidConfig(
        `The path ${show(path)} of link "${title}" must be ${this.isRelative ? 'a path like "/docs"' : 'an address like "https://example.com"'}.`,
      );
    }
  }
}

function isPath(path: string): boolean {
  return /^\/(?!\/)[!-~]*$/.test(path) && !path.includes("\\");
}

function isAddress(path: string): boolean {
  return /^https?:\/\/[!-~]+$/i.test(path) && URL.canParse(path);
}
