import { assertOptions, invalidConfig, show } from "./invalid-config.ts";

export interface DomainOptions {
  /** First label of the public address, for example `my-webhook`. @default generated */
  readonly subdomain?: string;
  /** A host name of one's own that leads to the app, for example `hooks.example.com`. */
  readonly customDomain?: string;
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const oneLabel = new RegExp(`^${label}$`);
/** The last label begins with a letter, so that no address of a machine is one. */
const hostName = new RegExp(`^(?=.{1,253}$)(?:${label}\\.)+(?=[a-z])${label}$`);

/** The public address of an app. @throws FlyteError `invalid_config` for what is no host name */
export class Domain {
  readonly subdomain: string | undefined;
  readonly customDomain: string | undefined;

  constructor(options: DomainOptions = {}) {
    assertOptions("Domain", options, ["subdomain", "customDomain"]);
    const { subdomain, customDomain } = options;
    if (subdomain !== undefined && !matches(oneLabel, subdomain)) {
      throw invalidConfig(
        `The subdomain ${show(subdomain)} must consist of lower case letters, digits and inner dashes, like "my-webhook".`,
      );
    }
    if (customDomain !== undefined && !matches(hostName, customDomain)) {
      throw invalidConfig(
        `The custom domain ${show(customDomain)} must be a host name in lower case, like "hooks.example.com".`,
      );
    }
    this.subdomain = subdomain;
    this.customDomain = customDomain;
  }
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === "string" && pattern.test(value);
}
