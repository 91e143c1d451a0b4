import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { ControlPlane } from "../../client/control-plane.ts";
import type { SecretRef, SecretScope, SecretStatus } from "../../client/secret-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import { askHidden, canAsk, confirm } from "../ask.ts";
import { connect } from "../connection.ts";
import type { ConnectionOptions } from "../options.ts";
import { fields, note, print, printJson, printTime, table } from "../output.ts";

interface SecretOptions extends ConnectionOptions {
  readonly global?: boolean;
}

interface CreateSecretOptions extends SecretOptions {
  readonly value?: string;
  readonly fromFile?: string;
  readonly type: "regular" | "image_pull";
  readonly update?: boolean;
}

/** `flyte-webhook create secret`: stores a value that no command shows again. */
export async function createSecret(name: string, options: CreateSecretOptions): Promise<void> {
  await using controlPlane = await connect(options);
  const ref = { name, ...toScope(options) };
  const { type, update = false } = options;
  const value = await readValue(name, options);
  if (typeof value !== "string" && value.at(-1) === 0x0a) {
    note("The value ends with a line break, which is a part of it.");
  }
  const secret = { ...ref, value, type };
  if (update) await controlPlane.secrets.update(secret);
  else await controlPlane.secrets.create(secret).catch(explainConflict);
  const done = update ? "updated" : "created";
  if (options.json === true)
    return printJson({ ...toPlace(ref, controlPlane), name, [done]: true });
  print(fields([[done, name], ...placeFields(toPlace(ref, controlPlane))]));
}

/** `flyte-webhook get secret`: a secret or all of a scope, never their values. */
export async function getSecret(
  name: string | undefined,
  options: SecretOptions & { readonly limit: number },
): Promise<void> {
  await using controlPlane = await connect(options);
  const scope = toScope(options);
  if (name !== undefined) {
    const found = await controlPlane.secrets.get({ name, ...scope });
    if (options.json === true) return printJson(toJson(found));
    return print(
      fields([
        ["secret", found.name],
        ...placeFields(found),
        ["type", found.type],
        ["created", printTime(found.createdAt)],
        ["in clusters", found.presence],
      ]),
    );
  }
  const found = await controlPlane.secrets.list(scope, { limit: options.limit });
  if (options.json === true) return printJson(found.map(toJson));
  print(
    table(
      ["name", "project", "domain", "type", "created"],
      found.map(({ name, project = "(all)", domain = "(all)", type, createdAt }) => [
        name,
        project,
        domain,
        type,
        printTime(createdAt),
      ]),
    ),
  );
}

/** `flyte-webhook delete secret`: what runs keeps what it was given. */
export async function deleteSecret(
  name: string,
  options: SecretOptions & { readonly yes?: boolean },
): Promise<void> {
  await using controlPlane = await connect(options);
  const ref = { name, ...toScope(options) };
  if (options.yes !== true) await confirm(`Delete the secret ${name}?`);
  await controlPlane.secrets.delete(ref);
  if (options.json === true) return printJson({ name, deleted: true });
  print(fields([["deleted", name]]));
}

/** Project and domain are known to the control plane already, but not which of them was asked for. */
function toScope({ global = false, project, domain }: SecretOptions): SecretScope {
  return global
    ? { global, ...(project !== undefined && { project }), ...(domain !== undefined && { domain }) }
    : {};
}

function toPlace(ref: SecretRef, { project, domain }: ControlPlane) {
  return ref.global === true
    ? { project: null, domain: ref.domain ?? null }
    : { project: project ?? null, domain: domain ?? null };
}

function placeFields(place: {
  readonly project?: string | null | undefined;
  readonly domain?: string | null | undefined;
}): readonly (readonly [string, string])[] {
  return [
    ["project", place.project ?? "(all)"],
    ["domain", place.domain ?? "(all)"],
  ];
}

async function readValue(
  name: string,
  { value, fromFile }: CreateSecretOptions,
): Promise<string | Uint8Array> {
  if (value !== undefined && fromFile !== undefined) {
    throw new FlyteError("invalid_input", "Give --value or --from-file, not both.");
  }
  if (value !== undefined) return value;
  if (fromFile === undefined) {
    return canAsk() ? askHidden(`Value of ${name} (not shown): `) : buffer(process.stdin);
  }
  return readFile(fromFile).catch((cause: NodeJS.ErrnoException) => {
    throw new FlyteError(
      "invalid_config",
      `The file ${fromFile} cannot be read (${cause.code ?? "unknown error"}). Name another with --from-file.`,
      { cause },
    );
  });
}

function explainConflict(error: unknown): never {
  if (!FlyteError.is(error) || error.code !== "conflict") throw error;
  throw new FlyteError(
    "conflict",
    "The secret exists already. Replace its value with --update, or delete it first.",
    { cause: error },
  );
}

function toJson(status: SecretStatus) {
  return {
    name: status.name,
    project: status.project ?? null,
    domain: status.domain ?? null,
    type: status.type,
    createdAt: status.createdAt?.toISOString() ?? null,
    presence: status.presence,
  };
}
