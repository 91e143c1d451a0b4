const component = "[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*";
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const host = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const path = `${component}(?:/${component})*`;
const tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const digest = "sha256:[0-9a-f]{64}";

const reference = new RegExp(`^(?:${host}/)?${path}(?::${tag})?(?:@${digest})?$`);
const registry = new RegExp(`^${host}(?:/${path})?$`);
const name = new RegExp(`^${component}$`);

const mostCharacters = 255;

/** Whether a text names an image: `[host[:port]/]path[:tag][@sha256:digest]`. */
export function isImageReference(text: string): boolean {
  // Tag and digest are no part of the name, to which the limit applies.
  return text.length <= mostCharacters + 201 && reference.test(text);
}

/** Whether a text names a registry: `host[:port][/path]`. */
export function isRegistry(text: string): boolean {
  return text.length <= mostCharacters && registry.test(text);
}

/** Whether a text can be the last part of an image's name. */
export function isImageName(text: string): boolean {
  return text.length <= 128 && name.test(text);
}
