import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { TriggerService } from "../../../src/idl/triggers.ts";
import type { See } from "./seen-call.ts";

interface TriggerName {
  readonly org: string;
  readonly project: string;
  readonly domain: string;
  readonly taskName: string;
  readonly name: string;
}

/** Triggers are there, and off, in every project, unless their own name begins with `absent`. */
export class EchoTriggers {
  /** Names of triggers that stay as they are. */
  readonly stuck: Set<string> = new Set();
  /** What was switched, and where. */
  readonly switched: { readonly name: string; readonly scope: string; readonly active: boolean }[] =
    [];
  readonly #on = new Set<string>();

  reset(): void {
    this.stuck.clear();
    this.switched.length = 0;
    this.#on.clear();
  }

  serve(router: ConnectRouter, see: See): void {
    router.service(TriggerService, {
      getTriggerDetails: ({ name }, context) => {
        see("getTriggerDetails", context);
        if (name === undefined || name.name.startsWith("absent")) {
          throw new ConnectError(`no trigger ${name?.name} in shard 7`, Code.NotFound);
        }
        const active = this.#on.has(toKey(name));
        return { trigger: { id: { name, revision: 1n }, spec: { active, taskVersion: "v1" } } };
      },
      listTriggers: ({ scopeBy }, context) => {
        see("listTriggers", context);
        const { name: project = "", domain = "" } =
          scopeBy.case === "projectId" ? scopeBy.value : {};
        const taskName = "allowed.main";
        return {
          triggers: ["nightly", "hourly"].map((name) => ({
            id: { name: { project, domain, taskName, name }, revision: 1n },
            active: true,
          })),
        };
      },
      updateTriggers: ({ names, active }, context) => {
        see("updateTriggers", context);
        for (const name of names) {
          const { project, domain, taskName } = name;
          const scope = `${domain}/${project}`;
          this.switched.push({ name: `${taskName}/${name.name}`, scope, active });
          if (this.stuck.has(name.name)) continue;
          if (active) this.#on.add(toKey(name));
          else this.#on.delete(toKey(name));
        }
        return {};
      },
    });
  }
}

function toKey({ project, domain, taskName, name }: TriggerName): string {
  return [domain, project, taskName, name].join("/");
}
