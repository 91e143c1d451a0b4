import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import iconUrl from "../icon.svg";
import { navigate } from "../navigation/location.ts";
import type { ShortcutAction } from "../navigation/shortcut-keys.ts";
import { useInnerLinks } from "../navigation/use-inner-links.ts";
import { useShortcuts } from "../navigation/use-shortcuts.ts";
import { pagePath, type Scope } from "../scope.ts";
import { rememberScope } from "../session/last-scope.ts";
import { Account } from "./account.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Footer } from "./footer.tsx";
import { PageAnnouncer } from "./page-announcer.tsx";
import { ScopeNotice } from "./scope-notice.tsx";
import { ScopeSwitch } from "./scope-switch.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { useProjects } from "./use-projects.ts";

const places = [
  ["Runs", "runs"],
  ["Tasks", "tasks"],
  ["Triggers", "triggers"],
  ["Apps", "apps"],
  ["Webhook", "webhook"],
] as const;

/** What is around every page. */
export function Shell({
  scope,
  children,
}: {
  readonly scope: Scope;
  readonly children: ComponentChildren;
}): VNode {
  const { project, domain } = scope;
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const projects = useProjects();
  const showHelp = (): void => setIsHelpOpen(true);
  useEffect(() => rememberScope({ project, domain }), [project, domain]);
  useInnerLinks();
  useShortcuts((action) => follow(action, scope, showHelp));
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/v2">
          <img src={iconUrl} alt="" width="24" height="24" />
          <span class="brand-name">Flyte devbox</span>
        </a>
        <ScopeSwitch scope={scope} projects={projects} />
        <nav class="places" aria-label="Pages">
          {places.map(([name, place]) => {
            const path = pagePath(scope, [place]);
            return (
              <a key={place} href={path} aria-current={isWithin(path) ? "page" : undefined}>
                {name}
              </a>
            );
          })}
        </nav>
        <Account showShortcuts={showHelp} />
      </header>
      <ConnectionBanner />
      <PageAnnouncer scope={scope} />
      <main id="content" tabIndex={-1}>
        <ScopeNotice scope={scope} known={projects} />
        {children}
      </main>
      <Footer showShortcuts={showHelp} />
      {isHelpOpen && <ShortcutsDialog onClose={() => setIsHelpOpen(false)} />}
    </div>
  );
}

function follow(action: ShortcutAction, scope: Scope, showHelp: () => void): void {
  if (action.kind === "help") showHelp();
  else if (action.kind === "search") {
    document.querySelector<HTMLElement>('#content input[type="search"]')?.focus();
  } else {
    navigate(pagePath(scope, [action.to]));
    scrollTo(0, 0);
  }
}

function isWithin(path: string): boolean {
  return location.pathname === path || location.pathname.startsWith(`${path}/`);
}
