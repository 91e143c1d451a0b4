import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import {
  DatabaseSync,
  type DatabaseSyncInstance,
  type StatementSyncInstance,
} from "@photostructure/sqlite";
import { FlyteError } from "../../shared/errors.ts";

/** What a column can hold. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** One row of a result, by column name. */
export type SqlRow = Record<string, SqlValue>;

/** A prepared statement, with `?` placeholders. */
export interface Statement<Row = SqlRow> {
  run(...parameters: readonly SqlValue[]): { readonly changes: number };
  get(...parameters: readonly SqlValue[]): Row | undefined;
  all(...parameters: readonly SqlValue[]): Row[];
}

/** The devbox's state: synchronous reads, and writes that are on disk when they resolve. */
export interface Database extends AsyncDisposable {
  /**
   * The prepared statement for `sql`, from a cache. `Row` is what the caller knows of the columns;
   * nothing checks it.
   */
  prepare<Row = SqlRow>(sql: string): Statement<Row>;
  /**
   * Runs `action` in a transaction and resolves with its result after the commit is on disk.
   * Actions queued within one turn of the event loop share a commit, each below a savepoint of its
   * own, in the order they came: one that throws undoes only itself and rejects only its promise.
   * `action` must be synchronous.
   *
   * @throws FlyteError `unavailable` when the commit fails or the database is closed
   */
  write<Result>(action: () => Result): Promise<Result>;
  /** Like {@link Database.write}, at once and blocking: for start-up. */
  writeNow<Result>(action: () => Result): Result;
  /** Whether what is read now may be undone, because the action of a write is running. */
  readonly inTransaction: boolean;
  /** Runs several statements of plain SQL without parameters. */
  execute(sql: string): void;
  /** Commits what is queued, then closes and gives up the ownership. Safe to call twice. */
  close(): Promise<void>;
}

interface QueuedWrite {
  readonly action: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

const maxCachedStatements = 512;

/**
 * Opens the database file, or a database in memory for `":memory:"`, and takes ownership of it: a
 * second process (or a second call) that opens the same file fails at once. The operating system
 * drops the ownership when the process ends, however it ends.
 *
 * Commits are durable: write-ahead log with `synchronous=FULL`.
 *
 * @throws FlyteError `invalid_config` when the file is owned by another devbox or cannot be opened
 */
export function openDatabase(location: string): Database {
  if (location === ":memory:") return new SqliteDatabase(openFile(location), undefined);
  const owner = takeOwnership(location);
  try {
    return new SqliteDatabase(openFile(location), owner);
  } catch (error) {
    owner.close();
    throw error;
  }
}

/** An exclusive SQLite transaction on a file of its own is a lock that dies with its process. */
function takeOwnership(location: string): DatabaseSyncInstance {
  const path = `${location}.lock`;
  let lock: DatabaseSyncInstance | undefined;
  try {
    mkdirSync(dirname(location), { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === 5) {
      throw new FlyteError(
        "invalid_config",
        `The state folder ${dirname(location)} is in use by another devbox; stop it or choose another folder.`,
        { cause: error },
      );
    }
    throw cannotOpen(location, error);
  }
}

function openFile(location: string): DatabaseSyncInstance {
  let database: DatabaseSyncInstance | undefined;
  try {
    database = new DatabaseSync(location);
    database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
    `);
    return database;
  } catch (error) {
    database?.close();
    throw cannotOpen(location, error);
  }
}

function cannotOpen(location: string, cause: unknown): FlyteError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlyteError(
    "invalid_config",
    `The state file ${location} cannot be opened (${reason}); choose a folder that can be written to.`,
    { cause },
  );
}

class SqliteDatabase implements Database {
  readonly #database: DatabaseSyncInstance;
  readonly #owner: DatabaseSyncInstance | undefined;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #queue: QueuedWrite[] = [];
  #closed = false;

  constructor(database: DatabaseSyncInstance, owner: DatabaseSyncInstance | undefined) {
    this.#database = database;
    this.#owner = owner;
  }

  prepare<Row = SqlRow>(sql: string): Statement<Row> {
    const cached = this.#statements.get(sql);
    const statement = cached ?? this.#database.prepare(sql);
    if (cached !== undefined) this.#statements.delete(sql);
    else if (this.#statements.size >= maxCachedStatements) this.#forgetOldest();
    this.#statements.set(sql, statement);
    // The driver's rows are untyped; the caller names their shape.
    return statement as unknown as Statement<Row>;
  }

  get inTransaction(): boolean {
    return !this.#closed && this.#database.isTransaction;
  }

  execute(sql: string): void {
    this.#database.exec(sql);
  }

  write<Result>(action: () => Result): Promise<Result> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise<Result>((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      // Each entry's resolve gets the result of its own action.
      this.#queue.push({ action, resolve: resolve as (result: unknown) => void, reject });
    });
  }

  writeNow<Result>(action: () => Result): Result {
    this.#flush();
    let outcome: Outcome | undefined;
    this.#commit([
      {
        action,
        resolve: (result) => {
          outcome = { result };
        },
        reject: (error) => {
          outcome = { error };
        },
      },
    ]);
    if (outcome === undefined) throw closedError();
    if ("error" in outcome) throw outcome.error;
    // The only entry's result is that of `action`.
    return (outcome as { readonly result: Result }).result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
    this.#owner?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #forgetOldest(): void {
    for (const sql of this.#statements.keys()) {
      this.#statements.delete(sql);
      return;
    }
  }

  #flush(): void {
    const batch = this.#queue;
    if (batch.length === 0) return;
    this.#queue = [];
    this.#commit(batch);
  }

  #commit(batch: readonly QueuedWrite[]): void {
    const outcomes: Outcome[] = [];
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const { action } of batch) outcomes.push(this.#runSaved(action));
      this.#database.exec("COMMIT");
    } catch (cause) {
      if (!this.#closed && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      const error = new FlyteError("unavailable", "The state could not be written to disk.", {
        cause,
      });
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && "result" in outcome) resolve(outcome.result);
      else reject(outcome?.error);
    }
  }

  #runSaved(action: () => unknown): Outcome {
    this.#database.exec("SAVEPOINT queued_write");
    try {
      const result = action();
      if (result instanceof Promise) {
        throw new FlyteError("internal", "A write to the database must be synchronous.");
      }
      this.#database.exec("RELEASE queued_write");
      return { result };
    } catch (error) {
      // SQLite ends the whole transaction by itself when, for example, the disk is full.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO queued_write; RELEASE queued_write");
      return { error };
    }
  }
}

function closedError(): FlyteError {
  return new FlyteError("unavailable", "The devbox is shutting down.");
}
