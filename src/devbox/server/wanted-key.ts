import { parseDuration } from "../../shared/duration.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, ownValue, parseJson } from "../../shared/json.ts";
import { type RoleName, roleNames } from "../auth/roles.ts";
import { type Request, readBody } from "./node-http.ts";

/** The API key that a request asks for. */
export interface WantedKey {
  readonly name: string;
  /** Subject of the user it speaks for. */
  readonly user: string;
  /** Role everywhere of a user that is to be created. */
  readonly role: RoleName | undefined;
  readonly expiresInMs: number | undefined;
}

const fields: readonly string[] = ["name", "user", "role", "expiresIn", "expiresInMs"];
const maxExpiryMs = 10 * 365 * 86_400_000;

/**
 * Reads `{"name", "user", "role"?, "expiresIn"?}`, the last as a duration such as `"30d"`, or
 * `expiresInMs` in milliseconds in its place.
 *
 * @throws FlyteError `invalid_input`, also for a body that is not labelled as JSON
 */
export async function readWantedKey(request: Request): Promise<WantedKey> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json(; ?charset=utf-8)?$/i.test(type)) {
    throw new FlyteError("invalid_input", "Send the body as Content-Type: application/json.");
  }
  const body = parseJson((await readBody(request, 16_384)).toString("utf8"));
  if (!isJsonObject(body)) throw new FlyteError("invalid_input", "The body must be an object.");
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  if (unknown !== undefined) {
    throw new FlyteError("invalid_input", `${JSON.stringify(unknown)} is not a field of a key.`);
  }
  return {
    name: readText(body, "name", /^[^\p{Cc}]{1,100}$/u, "a text of 1 to 100 characters"),
    user: readText(
      body,
      "user",
      /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}$/,
      "1 to 63 letters, digits or . _ @ + -, beginning with a letter or digit",
    ),
    role: readRole(body),
    expiresInMs: readExpiry(body),
  };
}

function readText(body: JsonObject, field: string, form: RegExp, rule: string): string {
  const value = ownValue(body, field);
  if (typeof value === "string" && form.test(value)) return value;
  throw new FlyteError("invalid_input", `${field} must be ${rule}.`);
}

function readRole(body: JsonObject): RoleName | undefined {
  const value = ownValue(body, "role");
  if (value === undefined) return undefined;
  const role = roleNames.find((name) => name === value);
  if (role !== undefined) return role;
  throw new FlyteError("invalid_input", `role must be one of ${roleNames.join(", ")}.`);
}

function readExpiry(body: JsonObject): number | undefined {
  const text = ownValue(body, "expiresIn");
  const milliseconds = ownValue(body, "expiresInMs");
  if (text === undefined && milliseconds === undefined) return undefined;
  const expiresInMs =
    typeof milliseconds === "number" && text === undefined
      ? Math.round(milliseconds)
      : typeof text === "string" && milliseconds === undefined
        ? Math.round(parseDuration(text))
        : Number.NaN;
  if (expiresInMs > 0 && expiresInMs <= maxExpiryMs) return expiresInMs;
  throw new FlyteError(
    "invalid_input",
    'expiresIn must be a duration such as "30d" or "12h", more than nothing and at most ten years.',
  );
}
