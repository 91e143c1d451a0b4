import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Secret } from "../../src/client/remote/index.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { ClusterService, SelectClusterRequest_Operation } from "../../src/idl/clusters.ts";
import { OverallStatus, SecretSchema, SecretService, SecretType } from "../../src/idl/secrets.ts";
import { startStub } from "../support/scripted-control-plane.ts";

const scope = { project: "flytesnacks", domain: "development" } as const;

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(() => devbox?.close());

function connect(endpoint: string = devbox.url, org = "") {
  const authenticator = bearerAuthenticator(devbox.keys["alice"] ?? "");
  const flyte = createControlPlane({ endpoint, ...scope, org, authenticator });
  onTestFinished(() => flyte.close());
  return flyte;
}

test("a secret is made, found, replaced and deleted as an object", async () => {
  const options = { controlPlane: connect() };
  const name = "as-object";
  await Secret.create({ name, value: "planted" }, options);
  await expect(Secret.create({ name, value: "planted" }, options)).rejects.toMatchObject({
    code: "conflict",
  });
  await Secret.update({ name, value: Uint8Array.of(1), type: "image_pull" }, options);
  const secret = await Secret.get({ name }, options);
  expect(secret.name).toBe(name);
  expect(secret.status).toEqual({
    name,
    ...scope,
    type: "image_pull",
    createdAt: expect.any(Date),
    presence: "full",
  });
  expect((await Secret.list({}, options)).map((each) => each.name)).toEqual([name]);
  await secret.delete();
  await expect(Secret.get({ name }, options)).rejects.toMatchObject({ code: "not_found" });
  await expect(secret.delete()).rejects.toMatchObject({ code: "not_found" });
});

test("what is found in a wide scope is deleted there", async () => {
  const options = { controlPlane: connect() };
  for (const where of [{ global: true }, { global: true, domain: "staging" }]) {
    await Secret.create({ name: "wide", value: "x", ...where }, options);
    const [secret] = await Secret.list(where, options);
    expect(secret?.status).toMatchObject({
      project: undefined,
      domain: "domain" in where ? where.domain : undefined,
    });
    await secret?.delete();
    expect(await Secret.list(where, options)).toEqual([]);
  }
});

test("a long list is read page by page, up to the limit", async () => {
  const { secrets } = connect();
  const names = Array.from({ length: 120 }, (_, index) => `n${String(index).padStart(3, "0")}`);
  await Promise.all(
    names.map((name) => secrets.create({ name, value: "x", global: true, domain: "production" })),
  );
  const namesOf = async (limit?: number) =>
    (await secrets.list({ global: true, domain: "production" }, { ...(limit && { limit }) })).map(
      ({ name }) => name,
    );
  expect(await namesOf()).toEqual(names);
  expect(await namesOf(101)).toEqual(names.slice(0, 101));
});

test.each([
  ["a global one of a project", { name: "x", global: true, project: "p" }, /global secret/],
  ["none", { name: "" }, /needs a name/],
  ["one of a senseless domain", { name: "x", domain: "a/b" }, /"a\/b"/],
])("%s is refused before anything is sent", async (_, ref, says) => {
  const { secrets } = connect("http://127.0.0.1:1");
  for (const call of [
    secrets.get(ref),
    secrets.delete(ref),
    secrets.create({ ...ref, value: "x" }),
  ]) {
    await expect(call).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(says),
    });
  }
});

test("each scope's secrets are kept where the control plane says, and a create is sent once", async () => {
  const asked: unknown[] = [];
  const sent: unknown[] = [];
  const cluster = await startStub((router) => {
    router.service(SecretService, {
      createSecret({ id, secretSpec }) {
        sent.push([id?.organization, id?.project, id?.domain, id?.name, secretSpec?.value.value]);
        throw new ConnectError("lost", Code.Unavailable);
      },
      listSecrets: () => ({
        secrets: [
          create(SecretSchema, {
            id: { name: "far" },
            secretMetadata: {
              type: SecretType.GENERIC,
              secretStatus: { overallStatus: OverallStatus.PARTIALLY_PRESENT },
            },
          }),
        ],
      }),
    });
  });
  const plane = await startStub((router) => {
    router.service(ClusterService, {
      selectCluster({ operation, resource }) {
        const { $typeName: _, $unknown: __, ...value } = resource.value ?? {};
        asked.push([operation, resource.case, value]);
        return { clusterEndpoint: cluster.url };
      },
    });
  });
  const { secrets } = connect(plane.url, "acme");
  await expect(secrets.create({ name: "x", value: "v" })).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(sent).toEqual([["acme", "flytesnacks", "development", "x", "v"]]);
  expect(await secrets.list({ global: true, domain: "staging" })).toEqual([
    {
      name: "far",
      project: undefined,
      domain: "staging",
      type: "regular",
      createdAt: undefined,
      presence: "partial",
    },
  ]);
  await secrets.list({ global: true });
  const operation = SelectClusterRequest_Operation.USE_SECRETS;
  const organization = "acme";
  expect(asked).toEqual([
    [operation, "projectId", { organization, name: "flytesnacks", domain: "development" }],
    [operation, "domainId", { organization, name: "staging" }],
    [operation, "orgId", { name: "acme" }],
  ]);
});
