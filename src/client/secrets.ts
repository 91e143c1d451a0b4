import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import {
  SelectClusterRequest_Operation,
  type SelectClusterRequestSchema,
} from "../idl/clusters.ts";
import {
  OverallStatus,
  type Secret,
  type SecretIdentifier,
  SecretService,
  SecretType as WireType,
} from "../idl/secrets.ts";
import { FlyteError } from "../shared/errors.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { Channel } from "./channel.ts";
import { listPages } from "./list-pages.ts";
import type {
  SecretCalls,
  SecretRef,
  SecretScope,
  SecretStatus,
  SecretValue,
} from "./secret-calls.ts";
import { type Session, toIdentifier, toScope } from "./session.ts";

type Identifier = Pick<SecretIdentifier, "organization" | "project" | "domain">;

/** The calls about secrets, each sent to the cluster that keeps those of its scope. */
export function createSecretCalls(session: Session): SecretCalls {
  const { timeoutMs } = session.options;
  return {
    async create(secret, options) {
      const call = startCall(options, timeoutMs);
      const request = toRequest(session, secret);
      const channel = await route(session, request.id, call);
      // A second try would find what the first has stored.
      await channel.unary(SecretService.method.createSecret, request, call, "once");
    },

    async update(secret, options) {
      const call = startCall(options, timeoutMs);
      const request = toRequest(session, secret);
      const channel = await route(session, request.id, call);
      await channel.unary(SecretService.method.updateSecret, request, call);
    },

    async get(ref, options) {
      const call = startCall(options, timeoutMs);
      const id = toId(session, ref);
      const channel = await route(session, id, call);
      const { secret } = await channel.unary(SecretService.method.getSecret, { id }, call);
      if (secret === undefined) {
        throw new FlyteError("internal", "The control plane answered without the secret.");
      }
      return toStatus(secret, id);
    },

    async list(given, options) {
      const call = startCall(options, timeoutMs);
      const scope = toIdentifierOf(session, given ?? {});
      const channel = await route(session, scope, call);
      return listPages(options?.limit, async (limit, token) => {
        const answer = await channel.unary(
          SecretService.method.listSecrets,
          { ...scope, limit, token },
          call,
        );
        return { items: answer.secrets.map((each) => toStatus(each, scope)), token: answer.token };
      });
    },

    async delete(ref, options) {
      const call = startCall(options, timeoutMs);
      const id = toId(session, ref);
      const channel = await route(session, id, call);
      await channel.unary(SecretService.method.deleteSecret, { id }, call, "once");
    },
  };
}

function toRequest(session: Session, { value, type = "regular", ...ref }: SecretValue) {
  return {
    id: toId(session, ref),
    secretSpec: {
      type: type === "image_pull" ? WireType.IMAGE_PULL_SECRET : WireType.GENERIC,
      value:
        typeof value === "string"
          ? { case: "stringValue" as const, value }
          : { case: "binaryValue" as const, value },
    },
  };
}

function toId(session: Session, { name, ...scope }: SecretRef): Identifier & { name: string } {
  if (name === "") throw new FlyteError("invalid_input", "A secret needs a name.");
  return { ...toIdentifierOf(session, scope), name };
}

function toIdentifierOf(session: Session, scope: SecretScope): Identifier {
  const organization = session.options.org;
  const { global = false, project, domain } = scope;
  if (!global) return { organization, ...toScope(session, { ...scope }) };
  if (project !== undefined) {
    throw new FlyteError(
      "invalid_input",
      "A global secret is for all projects. Leave the project out, or global.",
    );
  }
  return {
    organization,
    project: "",
    domain: domain === undefined ? "" : toIdentifier("domain", domain),
  };
}

function route(
  { clusters }: Session,
  { organization, project, domain }: Identifier,
  call: CallContext,
): Channel | Promise<Channel> {
  const resource: MessageInitShape<typeof SelectClusterRequestSchema>["resource"] =
    project !== ""
      ? { case: "projectId", value: { organization, name: project, domain } }
      : domain !== ""
        ? { case: "domainId", value: { organization, name: domain } }
        : { case: "orgId", value: { name: organization } };
  const operation = SelectClusterRequest_Operation.USE_SECRETS;
  return clusters.route({ operation, resource }, call);
}

/** What an answer leaves out of the scope is that of the request. */
function toStatus({ id, secretMetadata }: Secret, asked: Identifier): SecretStatus {
  const created = secretMetadata?.createdTime;
  const project = id?.project || asked.project;
  const domain = id?.domain || asked.domain;
  return {
    name: id?.name ?? "",
    project: project === "" ? undefined : project,
    domain: domain === "" ? undefined : domain,
    type: secretMetadata?.type === WireType.IMAGE_PULL_SECRET ? "image_pull" : "regular",
    createdAt: created === undefined ? undefined : timestampDate(created),
    presence: toPresence(secretMetadata?.secretStatus?.overallStatus),
  };
}

function toPresence(status: OverallStatus | undefined): SecretStatus["presence"] {
  if (status === OverallStatus.FULLY_PRESENT) return "full";
  return status === OverallStatus.PARTIALLY_PRESENT ? "partial" : "unknown";
}
