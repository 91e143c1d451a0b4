import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../store/database.ts";
import { insertApiKey, insertUser, putRole } from "../store/identities.ts";
import { insertProject } from "../store/projects.ts";
import { formatApiKey, generateApiKey, hashSecret, parseApiKey } from "./api-key.ts";
import { authenticate } from "./authenticate.ts";
import type { Caller } from "./caller.ts";
import type { RoleName } from "./roles.ts";
import { systemProject } from "./system-project.ts";

interface Seed {
  readonly user: Caller;
  readonly roles: readonly { readonly domain: string; readonly role: RoleName }[];
}

/** The user that requests without a credential run as, where that is allowed. */
export const anonymousCaller: Caller = { subject: "anonymous", name: "Anonymous", email: "" };

const seeds: readonly Seed[] = [
  {
    user: { subject: "alice", name: "Alice Admin", email: "alice@example.com" },
    roles: [{ domain: "*", role: "admin" }],
  },
  {
    user: { subject: "bob", name: "Bob Builder", email: "bob@example.com" },
    roles: [
      { domain: "development", role: "contributor" },
      { domain: "staging", role: "contributor" },
      { domain: "production", role: "viewer" },
    ],
  },
  { user: anonymousCaller, roles: [{ domain: "*", role: "deployer" }] },
];

/** Users who get an API key at the first start. */
const keyHolders = ["alice", "bob"] as const;

const projects = [
  { id: "flytesnacks", description: "The project to start with." },
  { id: systemProject, description: "Tasks that come with the devbox, for everybody to run." },
];

/**
 * Fills a new state with the projects `flytesnacks` and `system`, the users alice (admin everywhere), bob (runs
 * in development and staging, reads in production) and anonymous. Users that exist keep the roles
 * they have.
 */
export function seedState(database: Database, now: number): void {
  database.writeNow(() => {
    for (const { id, description } of projects) {
      const project = { id, name: id, description, labels: new Uint8Array(), state: 0 };
      insertProject(database, project, now);
    }
    for (const { user, roles } of seeds) {
      if (!insertUser(database, user, now)) continue;
      for (const { domain, role } of roles) {
        putRole(database, { subject: user.subject, project: "*", domain, role });
      }
    }
  });
}

/**
 * The seeded users' API keys by subject, from files that only the owner of the machine can read
 * (`<folder>/<subject>`). A key that is missing there, or is no longer valid, is replaced.
 */
export async function keepSeedKeys(
  database: Database,
  folder: string,
): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys: Record<string, string> = {};
  for (const subject of keyHolders) {
    const path = join(folder, subject);
    const kept = await readKey(path);
    if (kept !== undefined && isValid(database, kept, subject)) {
      keys[subject] = kept;
      continue;
    }
    const key = generateApiKey();
    database.writeNow(() =>
      insertApiKey(database, {
        id: key.id,
        secret_hash: hashSecret(key.secret),
        subject,
        name: "seed",
        created_at: Date.now(),
        expires_at: null,
        revoked_at: null,
      }),
    );
    // A file that is there already would keep its mode.
    await rm(path, { force: true });
    await writeFile(path, `${formatApiKey(key)}\n`, { mode: 0o600, flag: "wx" });
    keys[subject] = formatApiKey(key);
  }
  return keys;
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isValid(database: Database, text: string, subject: string): boolean {
  if (parseApiKey(text) === undefined) return false;
  try {
    const headers = new Headers({ authorization: `Bearer ${text}` });
    return authenticate(headers, { database, anonymous: undefined })?.subject === subject;
  } catch {
    // Revoked, or of another state: a new key takes its place.
    return false;
  }
}
