const part = "[a-z0-9][a-z0-9._-]*";
const version = "[A-Za-z0-9~^<>=*][A-Za-z0-9.~^<>=*+-]*";
const npmPackage = new RegExp(`^(?:@${part}/)?${part}(?:@${version})?$`);

/** npm takes such a text for a file. */
const archive = /\.(?:tgz|tar|tar\.gz)$/i;

const mostCharacters = 300;

/**
 * Whether a text is one package of an npm registry, with a version, range or tag, and cannot be taken for
 * an option, a path, an address or more than one argument.
 */
export function isNpmPackage(text: string): boolean {
  return text.length <= mostCharacters && npmPackage.test(text) && !archive.test(text);
}
