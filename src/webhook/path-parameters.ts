import type { Fault } from "../shared/errors.ts";

/** Far above every name of a control plane (at most 255 characters), far below a nuisance. */
const maxLength = 255;

/** Controls, format characters (bidi overrides, zero width), line separators, private, unassigned. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * The rule that a decoded identifier breaks, if any.
 *
 * Nothing is normalised: what a guard compares is what the control plane gets, so a value that two
 * readers could take for two things is refused.
 */
export function identifierFault(value: string): string | undefined {
  if (value === "") return "must not be empty";
  if (value.length > maxLength) return `must not be longer than ${maxLength} characters`;
  if (/[/\\]/.test(value)) return "must not hold a slash or a backslash";
  if (value === "." || value === "..") return "must not be a relative path";
  if (hidden.test(value)) return "must not hold control, direction or other invisible characters";
  if (value !== value.trim()) return "must not begin or end with a space";
  if (value.normalize("NFC") !== value) return "must be in Unicode normalisation form C";
  if (/%[0-9a-f]{2}/i.test(value)) return "must not be percent-encoded twice";
  return undefined;
}

/** Path parameters, decoded and safe to compare, or what is wrong with them. */
export type PathReading =
  | { readonly kind: "ok"; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

/** The names between braces in a path template, in order. */
export function parameterNames(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

/**
 * Reads the parameters of `template` from the request target as the socket delivered it, and
 * compares them with what the router made of it: should the two ever disagree, the request is
 * refused.
 */
export function readPathParameters(
  template: string,
  target: string,
  routed: Readonly<Record<string, unknown>>,
): PathReading {
  const end = target.indexOf("?");
  const path = end === -1 ? target : target.slice(0, end);
  const wanted = template.split("/");
  const segments = path.split("/");
  const refuse = (path: readonly string[], message: string): PathReading => ({
    kind: "refused",
    faults: [{ path, message }],
  });
  if (segments.length !== wanted.length || /[#\\]/.test(path)) {
    return refuse(["path"], "must be a plain absolute path");
  }
  const values: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [index, part] of wanted.entries()) {
    if (!part.startsWith("{")) continue;
    const name = part.slice(1, -1);
    const value = decode(segments[index] ?? "");
    const fault = value === undefined ? "must be valid percent-encoding" : identifierFault(value);
    if (fault !== undefined) faults.push({ path: ["path", name], message: fault });
    else if (value !== undefined && routed[name] === value) values[name] = value;
    else faults.push({ path: ["path", name], message: "must be read in one way only" });
  }
  return faults.length === 0 ? { kind: "ok", values } : { kind: "refused", faults };
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
