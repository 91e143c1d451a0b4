import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { build } from "../../src/app/image/build.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { OutputsSchema, TaskService } from "../../src/idl/tasks.ts";
import { makePrimitive } from "../../src/values/make-literal.ts";

const image = Image.fromDebianBase().withAptPackages("git");
const built = "registry.example/o/flyte:built";
const text = { type: { type: { case: "simple" as const, value: SimpleType.STRING } } };

/** A builder that reads the image's specification from the store and says where the image is. */
function builderSpec() {
  const value = makePrimitive({ case: "stringValue", value: built });
  const outputs = create(OutputsSchema, { literals: [{ name: "o0", value }] });
  const encoded = Buffer.from(toBinary(OutputsSchema, outputs)).toString("base64");
  const script = [
    `in="\${1#file://}"; out="\${2#file://}"`,
    `uri=$(grep -ao 'file://[^[:cntrl:]]*/spec\\.pb' "$in" | head -n 1)`,
    `grep -aq 'ghcr.io/flyteorg/flyte:py3.12-v2.0.0' "\${uri#file://}" || exit 3`,
    `echo '${encoded}' | base64 -d > "$out/outputs.pb"`,
  ].join("\n");
  return {
    taskTemplate: {
      type: "shell",
      target: {
        case: "container" as const,
        value: { args: ["sh", "-c", script, "sh", "{{.input}}", "{{.outputPrefix}}"] },
      },
      interface: {
        inputs: {
          variables: ["spec", "context", "target_image"].map((key) => ({ key, value: text })),
        },
        outputs: { variables: [{ key: "o0", value: text }] },
      },
    },
  };
}

test("on a devbox an image is built once it has a builder, also by who may not run anything there", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0 });
  const controlPlane = createControlPlane({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(devbox.keys["bob"] ?? ""),
  });
  onTestFinished(() => controlPlane.close());
  await expect(build(image, { controlPlane })).rejects.toMatchObject({
    code: "unimplemented",
    message: expect.stringContaining("The control plane builds no images"),
  });

  const headers = { authorization: `Bearer ${devbox.keys["alice"]}` };
  const transport = createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });
  const tasks = createClient(TaskService, transport);
  const where = { project: "system", domain: "production", name: "build-image", version: "v1" };
  await tasks.deployTask({ taskId: where, spec: builderSpec() }, { headers });

  const { uri, run } = await build(image, { controlPlane });
  expect(uri).toBeUndefined();
  expect((await run?.wait())?.phase).toBe("succeeded");
  expect(await run?.outputs()).toEqual({ o0: built });
  expect(await run?.inputs()).toMatchObject({ context: "", target_image: image.uri });
});
