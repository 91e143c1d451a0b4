import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useInnerLinks } from "../navigation/use-inner-links.ts";
import { appsPath, runsPath, type Scope, tasksPath, triggersPath, webhookPath } from "../scope.ts";
import { rememberScope } from "../session/last-scope.ts";
import { Account } from "./account.tsx";
import { ScopeSwitch } from "./scope-switch.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

/** What is around every page. */
export function Shell({
  scope,
  children,
}: {
  readonly scope: Scope;
  readonly children: ComponentChildren;
}): VNode {
  const { project, domain } = scope;
  useEffect(() => rememberScope({ project, domain }), [project, domain]);
  useInnerLinks();
  const places: readonly (readonly [name: string, path: string])[] = [
    ["Runs", runsPath(scope)],
    ["Tasks", tasksPath(scope)],
    ["Triggers", triggersPath(scope)],
    ["Apps", appsPath(scope)],
    ["Webhook", webhookPath(scope)],
  ];
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/v2">
          Flyte devbox
        </a>
        <ScopeSwitch scope={scope} />
        <nav class="places" aria-label="Pages">
          {places.map(([name, path]) => (
            <a key={name} href={path} aria-current={isWithin(path) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="bar-end">
          <ThemeSwitch />
          <Account />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function isWithin(path: string): boolean {
  return location.pathname === path || location.pathname.startsWith(`${path}/`);
}
