import { randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** Empty folders to run attempts in, one for each at a time. */
export interface WorkFolders {
  /** A folder that is empty and that nobody else has. */
  take(): string;
  /** Ends the use of a folder and removes what was left in it. */
  giveBack(path: string): Promise<void>;
  /** Removes the folders that are not in use. */
  close(): void;
}

interface KeptFolder {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
}

/** So many others are used before one is used again, in case a task still writes into it. */
const restingFolders = 32;

/**
 * Makes folders below `parent`, where all that an earlier life left is removed first.
 *
 * Most attempts leave their folder as empty as they got it; then another attempt gets it later.
 * Making and removing one for each would cost ever more: ext4 passes over the inodes that were freed
 * in the last minutes, one by one, whenever it makes a file or a folder.
 */
export function createWorkFolders(parent: string): WorkFolders {
  rmSync(parent, { recursive: true, force: true });
  const made = new Map<string, KeptFolder>();
  const resting: string[] = [];

  function make(): string {
    const path = join(parent, randomUUID());
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { ino, mode } = lstatSync(path);
    made.set(path, { path, inode: ino, mode });
    return path;
  }

  return {
    take() {
      const rested = resting.length < restingFolders ? undefined : resting.shift();
      if (rested === undefined) return make();
      if (isUntouched(made.get(rested))) return rested;
      made.delete(rested);
      rmSync(rested, { recursive: true, force: true });
      return make();
    },
    async giveBack(path) {
      if (isUntouched(made.get(path))) {
        resting.push(path);
        return;
      }
      made.delete(path);
      await rm(path, { recursive: true, force: true });
    },
    close() {
      for (const path of resting.splice(0)) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Whether it is still the folder that was made, with the same rights, and empty. */
function isUntouched(folder: KeptFolder | undefined): boolean {
  if (folder === undefined) return false;
  try {
    const { ino, mode } = lstatSync(folder.path);
    return ino === folder.inode && mode === folder.mode && readdirSync(folder.path).length === 0;
  } catch {
    return false;
  }
}
