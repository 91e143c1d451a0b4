import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type App, AppSchema } from "../../idl/apps.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Caller } from "../auth/caller.ts";
import { toEnrichedIdentity } from "../auth/enriched-identity.ts";
import {
  type AppKey,
  type AppRow,
  deleteApp,
  findApp,
  insertApp,
  updateApp,
} from "../store/apps.ts";
import { listProjects } from "../store/projects.ts";
import { isOnlySwitched, toStoredApp } from "./app-message.ts";
import { checkAppKey, checkAppSpec, checkSubdomain } from "./app-rules.ts";
import { type AppServiceOptions, appNotFound, readAppId } from "./find-app.ts";
import { required, requireProject } from "./scope.ts";
import { createTurns } from "./turns.ts";

/** Characters of a reason that are kept. */
const maxReasonLength = 100;

/** What changes apps, one change after the other for each app. */
export interface AppChanges {
  /**
   * Makes an app, or replaces what is wanted of it. The same wish again changes nothing, and lets an app
   * that has failed try again at once.
   */
  create(app: App | undefined, caller: Caller | undefined): Promise<AppRow>;
  /** Replaces what is wanted of an app that is there, with the same rule. */
  update(app: App | undefined, reason: string, caller: Caller | undefined): Promise<AppRow>;
  /** Resolves when nothing of the app runs any more; no error when there is none. */
  delete(key: AppKey, caller: Caller | undefined): Promise<void>;
}

export function createAppChanges(options: AppServiceOptions): AppChanges {
  const { database, authorizer, appRuntime, routes } = options;
  const inTurn = createTurns();

  function check(app: App, key: AppKey, size: number): void {
    checkAppSpec(app, size);
    const projects = listProjects(database).map(({ id }) => id);
    checkSubdomain(app, key, projects);
  }

  /** One after the other for all apps, so that no two take the same host name. */
  function store<Row extends Omit<AppRow, "id">>(
    row: Row,
    write: (row: Row) => AppRow,
  ): Promise<AppRow> {
    return inTurn("", async () => {
      const taken = routes.taken(row);
      if (taken !== undefined) throw hostTaken(taken);
      const stored = await database.write(() => write(row));
      appRuntime.apply(stored);
      return stored;
    });
  }

  function storeChange(
    row: AppRow,
    app: Uint8Array,
    reason: string,
    caller: Caller,
  ): Promise<AppRow> {
    const changed = {
      ...row,
      app,
      revision: row.revision + 1,
      reason: toReason(reason),
      changed_by: caller.subject,
      updated_at: Date.now(),
    };
    return store(changed, (next) => {
      updateApp(database, next);
      return next;
    });
  }

  /** The same wish again: nothing changes, but an app that has failed is tried again at once. */
  function again(row: AppRow): AppRow {
    appRuntime.apply(row);
    return row;
  }

  return {
    create: async (given, from) => {
      const app = required(given, "app");
      const key = readAppId(app.metadata?.id, "app.metadata.id");
      const caller = authorizer.require(from, "deploy", key);
      requireProject(database, key.project);
      checkAppKey(key);
      const creator = toEnrichedIdentity(caller);
      const bytes = toStoredApp(app, key, creator);
      check(app, key, bytes.length);
      return inTurn(toTurn(key), async () => {
        const row = findApp(database, key);
        if (row !== undefined) {
          const kept = toStoredApp(app, key, creatorOf(row));
          return isSame(row.app, kept) ? again(row) : storeChange(row, kept, "", caller);
        }
        const now = Date.now();
        const first = {
          ...key,
          app: bytes,
          revision: 1,
          reason: "",
          created_by: caller.subject,
          changed_by: caller.subject,
          created_at: now,
          updated_at: now,
        };
        return store(first, (next) => insertApp(database, next));
      });
    },
    update: async (given, reason, from) => {
      const app = required(given, "app");
      const key = readAppId(app.metadata?.id, "app.metadata.id");
      const caller = authorizer.require(from, "run", key);
      required(app.spec, "app.spec");
      return inTurn(toTurn(key), async () => {
        const row = findApp(database, key) ?? appNotFound(key);
        checkRevision(row, app.metadata?.revision ?? 0n);
        const wanted = toStoredApp(app, key, creatorOf(row));
        if (isSame(row.app, wanted)) return again(row);
        if (!isOnlySwitched(row.app, wanted)) authorizer.require(caller, "deploy", key);
        check(app, key, wanted.length);
        return storeChange(row, wanted, reason, caller);
      });
    },
    delete: async (key, from) => {
      authorizer.require(from, "deploy", key);
      await inTurn(toTurn(key), async () => {
        const row = findApp(database, key);
        if (row === undefined) return;
        await database.write(() => deleteApp(database, row.id));
        await appRuntime.remove(row.id);
      });
    },
  };
}

/** No app has an empty name, so no key is the turn of all apps. */
function toTurn({ project, domain, name }: AppKey): string {
  return JSON.stringify([project, domain, name]);
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function creatorOf(row: AppRow): NonNullable<App["spec"]>["creator"] {
  return fromBinary(AppSchema, row.app).spec?.creator;
}

function toReason(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, " ").trim();
  return [...plain].slice(0, maxReasonLength).join("");
}

/** Zero is what clients send that do not know of revisions. */
function checkRevision({ name, revision }: AppRow, given: bigint): void {
  if (given === 0n || given === BigInt(revision)) return;
  throw new ConnectError(
    `app ${JSON.stringify(name)} was changed meanwhile (it has revision ${revision}, not ${given}); read it again`,
    Code.Aborted,
  );
}

function hostTaken(host: string): FlyteError {
  return new FlyteError(
    "conflict",
    `the host name ${JSON.stringify(host)} belongs to another app; choose another name, subdomain or custom domain`,
  );
}
