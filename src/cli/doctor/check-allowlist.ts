import type { ControlPlane, Scope } from "../../client/control-plane.ts";
import type { ListPage, PageOptions } from "../../client/page-options.ts";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import { type Finding, ok, warning } from "./finding.ts";

const domains: readonly string[] = ["development", "staging", "production"];

/** Most names of a project and domain that are read to find what was meant. */
const mostNames = 2000;

/** An allowlist, and how its kind of thing is listed. */
export interface Allowlist {
  /** `task`, `app` or `trigger`. */
  readonly kind: string;
  readonly entries: readonly string[] | undefined;
  /** Segments of an entry's name itself: two for a trigger, which its task comes before. */
  readonly depth: number;
  page(scope: Scope, options: PageOptions): Promise<ListPage<readonly string[]>>;
}

/** The allowlists of a webhook. */
export function allowlistsOf(
  { tasks, apps, triggers }: ControlPlane,
  given: {
    readonly taskAllowlist?: readonly string[] | undefined;
    readonly appAllowlist?: readonly string[] | undefined;
    readonly triggerAllowlist?: readonly string[] | undefined;
  },
): readonly Allowlist[] {
  const mapped = <Item>(
    page: Promise<ListPage<Item>>,
    names: (item: Item) => readonly string[],
  ): Promise<ListPage<readonly string[]>> =>
    page.then(({ items, next }) => ({ items: items.map(names), next }));
  return [
    {
      ...{ kind: "task", entries: given.taskAllowlist, depth: 1 },
      page: (scope, options) => mapped(tasks.page(scope, options), ({ name }) => [name]),
    },
    {
      ...{ kind: "app", entries: given.appAllowlist, depth: 1 },
      page: (scope, options) => mapped(apps.page(scope, options), ({ name }) => [name]),
    },
    {
      ...{ kind: "trigger", entries: given.triggerAllowlist, depth: 2 },
      page: (scope, options) =>
        mapped(triggers.page(scope, options), ({ task, name }) => [task, name]),
    },
  ];
}

/** Entries that match nothing: most often a name that was mistyped, or parts in the wrong order. */
export async function* checkAllowlist(list: Allowlist, own: Scope): AsyncGenerator<Finding> {
  const check = `${list.kind} allowlist`;
  if (list.entries === undefined) return;
  if (list.entries.length === 0) {
    yield warning(check, `is empty: no ${list.kind} may be used`);
    return;
  }
  const known = new Names(list);
  let matched = 0;
  for (const entry of list.entries) {
    const fault = await findFault(entry, list, own, known);
    if (fault === undefined) matched += 1;
    else yield warning(check, fault);
  }
  if (matched > 0) yield ok(check, `${matched} of ${list.entries.length} entries match`);
}

async function findFault(
  entry: string,
  list: Allowlist,
  own: Scope,
  known: Names,
): Promise<string | undefined> {
  const segments = entry.split("/");
  const name = segments.slice(-list.depth);
  const [project, domain] = segments.slice(0, -list.depth).reverse();
  const swapped = swappedParts(project, domain);
  const shown = JSON.stringify(entry);
  if (swapped !== undefined) {
    return `${shown} matches nothing: ${swapped}: did you mean ${JSON.stringify([project, domain, ...name].join("/"))}?`;
  }
  const scopes = (domain === undefined ? [...new Set([own.domain, ...domains])] : [domain]).map(
    (each) => ({ project: project ?? own.project, domain: each }),
  );
  const found: string[] = [];
  for (const scope of scopes) {
    const names = await known.of(scope);
    if (names.some((parts) => endsWith(parts, name))) return undefined;
    found.push(...names.map((parts) => parts.join("/")));
  }
  const where = scopes.map((scope) => `${scope.project}/${scope.domain}`).join(", ");
  const meant = nearestName(name.join("/"), [...new Set(found)]);
  const question = meant === undefined ? "" : ` Did you mean ${JSON.stringify(meant)}?`;
  return `${shown} matches no ${list.kind} in ${where}.${question}`;
}

function swappedParts(project: string | undefined, domain: string | undefined): string | undefined {
  if (project === undefined || !domains.includes(project)) return undefined;
  return domain === undefined || domains.includes(domain)
    ? undefined
    : "the domain comes before the project";
}

function endsWith(parts: readonly string[], name: readonly string[]): boolean {
  return name.every((part, index) => parts[parts.length - name.length + index] === part);
}

/** The names of a kind in each project and domain, read once. */
class Names {
  readonly #list: Allowlist;
  readonly #read = new Map<string, Promise<readonly (readonly string[])[]>>();

  constructor(list: Allowlist) {
    this.#list = list;
  }

  of(scope: Scope): Promise<readonly (readonly string[])[]> {
    const key = `${scope.project}/${scope.domain}`;
    const names = this.#read.get(key) ?? this.#readAll(scope);
    this.#read.set(key, names);
    return names;
  }

  async #readAll(scope: Scope): Promise<readonly (readonly string[])[]> {
    const names: (readonly string[])[] = [];
    let after: string | undefined;
    try {
      do {
        const page = await this.#list.page(scope, { limit: 200, ...(after && { after }) });
        names.push(...page.items);
        after = page.next;
      } while (after !== undefined && names.length < mostNames);
    } catch (error) {
      // A place that is not there, or may not be read, has nothing that an entry could match.
      if (!FlyteError.is(error) || !["not_found", "permission_denied"].includes(error.code))
        throw error;
    }
    return names;
  }
}
