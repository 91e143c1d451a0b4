import type { VNode } from "preact";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import type { Allowlist, HookInfo, WebhookInfo } from "../../webhook/answers.ts";

interface ListWords {
  readonly name: keyof WebhookInfo["allowlists"];
  readonly title: string;
  readonly option: string;
  readonly all: string;
  readonly none: string;
  readonly some: string;
}

const lists: readonly ListWords[] = [
  {
    name: "task",
    title: "Tasks",
    option: "--task-allowlist",
    all: "Callers may run every task that their own rights let them run, and see every run that these let them see.",
    none: "No task can be run through this webhook, and no run can be seen.",
    some: "Only these can be run, and only runs of these can be seen.",
  },
  {
    name: "trigger",
    title: "Triggers",
    option: "--trigger-allowlist",
    all: "Callers may switch and fire every trigger that their own rights let them.",
    none: "No trigger can be switched or fired through this webhook.",
    some: "Only these can be switched and fired; what is fired has to be a task of the list of tasks, too.",
  },
  {
    name: "app",
    title: "Apps",
    option: "--app-allowlist",
    all: "Callers may read, switch and call every app that their own rights let them.",
    none: "No app can be read, switched or called through this webhook.",
    some: "Only these can be read, switched and called.",
  },
  {
    name: "build",
    title: "Images",
    option: "--build-allowlist",
    all: "Callers may build images with any packages on any base.",
    none: "Only Flyte's own image, with nothing added to it.",
    some: "Images may be made of these parts, besides Flyte's own image.",
  },
  {
    name: "prefetch",
    title: "Models",
    option: "--prefetch-allowlist",
    all: "Callers may fetch every model that the hub gives them.",
    none: "No model can be fetched through this webhook.",
    some: "Only these can be fetched; an entry with secret: lets callers use that secret.",
  },
];

/** What callers may name, and which hooks there are. */
export function AllowlistsTab({ info }: { readonly info: WebhookInfo }): VNode {
  return (
    <>
      <p class="muted">
        An allowlist narrows what can be reached through this webhook. Nobody gets rights by it: the
        control plane asks for the caller's own at each call. An entry without a project means that
        name in every project.
      </p>
      <div class="lists">
        {lists.map((words) => (
          <List key={words.name} words={words} entries={info.allowlists[words.name]} />
        ))}
      </div>
      <section class="stack" aria-labelledby="webhook-hooks">
        <h2 id="webhook-hooks">Hooks</h2>
        {info.hooks.length === 0 ? (
          <p class="muted">
            None. A hook takes signed deliveries of GitHub and others, and starts a task for them.
            It is code: see <code>hooks</code> of <code>FlyteWebhookAppEnvironment</code>.
          </p>
        ) : (
          <Hooks hooks={info.hooks} />
        )}
      </section>
    </>
  );
}

function List({
  words: { title, option, all, none, some },
  entries,
}: {
  readonly words: ListWords;
  readonly entries: Allowlist;
}): VNode {
  const state: { readonly word: string; readonly tone: Tone; readonly means: string } =
    entries === undefined
      ? { word: "Everything is allowed", tone: "warn", means: all }
      : entries.length === 0
        ? { word: "Nothing is allowed", tone: "bad", means: none }
        : { word: `${entries.length} allowed`, tone: "good", means: some };
  return (
    <section class="card" aria-label={`Allowlist of ${title.toLowerCase()}`}>
      <div class="row card-head">
        <h2>{title}</h2>
        <Badge tone={state.tone}>{state.word}</Badge>
      </div>
      <p class="muted">{state.means}</p>
      {entries !== undefined && entries.length > 0 && (
        <ul class="entries mono">
          {entries.map((entry) => (
            <li key={entry}>
              <Text max={300}>{entry}</Text>
            </li>
          ))}
        </ul>
      )}
      <p class="muted list-option">
        <code>{option}</code>
      </p>
    </section>
  );
}

function Hooks({ hooks }: { readonly hooks: readonly HookInfo[] }): VNode {
  return (
    <TableFrame label="Hooks">
      <table class="table" aria-labelledby="webhook-hooks">
        <thead>
          <tr>
            <th scope="col">Hook</th>
            <th scope="col">Path</th>
            <th scope="col">Takes</th>
            <th scope="col">Acts as</th>
            <th scope="col">Bodies</th>
          </tr>
        </thead>
        <tbody>
          {hooks.map(({ name, provider, path, events, actsAs, subject, keepsPayloads }) => (
            <tr key={name}>
              <td>
                <Text max={120}>{name}</Text>
                <div class="muted">
                  <Text max={60}>{provider}</Text>
                </div>
              </td>
              <td class="mono">
                <Text max={300}>{path}</Text>
              </td>
              <td class="mono">
                {events === undefined ? "all events" : <Text max={1_000}>{events.join(", ")}</Text>}
              </td>
              <td>
                <Text max={120}>{subject ?? actsAs}</Text>
              </td>
              <td>{keepsPayloads ? "are kept" : "are not kept"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
