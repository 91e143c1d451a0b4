import { formatApiKey, generateApiKey, hashSecret } from "../../src/devbox/auth/api-key.ts";
import type { RoleName } from "../../src/devbox/auth/roles.ts";
import { openState } from "../../src/devbox/state.ts";
import { insertApiKey, insertUser, putRole } from "../../src/devbox/store/identities.ts";
import { insertProject } from "../../src/devbox/store/projects.ts";

/** A user whom no seed makes, and no call can make so. */
export interface StateUser {
  readonly subject: string;
  /** The one role, in a project of its own. @default none at all */
  readonly role?: { readonly project: string; readonly domain: string; readonly name: RoleName };
}

/** Fills the state folder of a devbox that is not running with users; their keys, by subject. */
export async function addStateUsers(
  folder: string,
  users: readonly StateUser[],
): Promise<Record<string, string>> {
  await using state = await openState(folder);
  const keys: Record<string, string> = {};
  await state.database.write(() => {
    for (const { subject, role } of users) {
      const key = generateApiKey();
      keys[subject] = formatApiKey(key);
      insertUser(state.database, { subject, name: subject, email: "" }, Date.now());
      insertApiKey(state.database, {
        ...{ id: key.id, secret_hash: hashSecret(key.secret), subject, name: "test" },
        ...{ created_at: Date.now(), expires_at: null, revoked_at: null },
      });
      if (role === undefined) continue;
      const { project, domain, name } = role;
      const row = {
        id: project,
        name: project,
        description: "",
        labels: new Uint8Array(),
        state: 0,
      };
      insertProject(state.database, row, Date.now());
      putRole(state.database, { subject, project, domain, role: name });
    }
  });
  return keys;
}
