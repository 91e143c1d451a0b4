import type { VNode } from "preact";
import { Resources_ResourceName } from "../../../../src/idl/apps.ts";
import { type Secret, Secret_MountType } from "../../../../src/idl/security.ts";
import type { Container } from "../../../../src/idl/tasks.ts";
import { quoteShellWord } from "../../../../src/shared/quote-shell-word.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Fact } from "../../ui/fact.tsx";
import { Text } from "../../ui/text.tsx";
import { maskArguments } from "./mask-arguments.ts";

/** Of one argument: bundles and scripts may come as one. */
const longestWord = 2_000;

/** What an app runs. Of variables and secrets the names alone are shown. */
export function AppContainer({
  container,
  secrets,
}: {
  readonly container: Container;
  readonly secrets: readonly Secret[];
}): VNode {
  const { image, command, args, env, ports, resources } = container;
  return (
    <section class="card">
      <h2>Container</h2>
      <CodeBlock text={toCommandText([...command, ...args])} label="Command" />
      <dl class="facts">
        <Fact name="Image">
          <Text max={500}>{image === "" ? "–" : image}</Text>
        </Fact>
        <Fact name="Port">{ports.map(({ containerPort }) => containerPort).join(", ") || "–"}</Fact>
        <Names title="Asks for" names={toAmounts(resources?.requests)} />
        <Names title="At most" names={toAmounts(resources?.limits)} />
        <Names title="Variables" names={env.map(({ key }) => key)} />
        <Names title="Secrets" names={secrets.map(toSecretText)} />
      </dl>
    </section>
  );
}

function Names({
  title,
  names,
}: {
  readonly title: string;
  readonly names: readonly string[];
}): VNode | null {
  if (names.length === 0) return null;
  return (
    <div>
      <dt>{title}</dt>
      <dd class="row">
        {names.map((name, index) => (
          <span key={index} class="chip mono">
            <Text max={200}>{name}</Text>
          </span>
        ))}
      </dd>
    </div>
  );
}

function toCommandText(words: readonly string[]): string {
  if (words.length === 0) return "(the image's own)";
  return maskArguments(words)
    .map((word) => {
      const cut = word.length > longestWord ? `${word.slice(0, longestWord)} …` : word;
      return quoteShellWord(cut);
    })
    .join(" ");
}

type Amounts = NonNullable<Container["resources"]>["requests"];

function toAmounts(entries: Amounts | undefined): readonly string[] {
  return (entries ?? []).map(({ name, value }) => {
    const kind = Resources_ResourceName[name] ?? String(name);
    return `${kind.toLowerCase().replaceAll("_", " ")} ${value}`;
  });
}

function toSecretText({ group, key, mountRequirement, envVar }: Secret): string {
  const name = group === "" ? key : `${group}/${key}`;
  return mountRequirement === Secret_MountType.FILE
    ? `${name} as a file`
    : `${name}${envVar === "" ? "" : ` as ${envVar}`}`;
}
