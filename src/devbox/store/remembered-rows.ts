import { LRUCache } from "lru-cache";
import type { Database } from "./database.ts";

/** Rows that nearly every call reads and hardly any changes, kept in memory by their key. */
export interface RememberedRows<Row> {
  /** The row, remembered or read; shared with others, so never to be written to. */
  get(database: Database, key: string, read: () => Row | undefined): Row | undefined;
  /** To be called in the transaction that changes the row; the next to ask reads it anew. */
  forget(database: Database, key: string): void;
}

const maxRows = 1_000;

/**
 * A memory for the rows of one table. This process owns the state, so nobody else changes them.
 * Absent rows are not remembered, and inside a transaction nothing is: it may be undone.
 */
export function rememberRows<Row extends object>(): RememberedRows<Row> {
  const memories = new WeakMap<Database, LRUCache<string, Row>>();
  return {
    get: (database, key, read) => {
      if (database.inTransaction) return read();
      let memory = memories.get(database);
      if (memory === undefined) {
        memory = new LRUCache({ max: maxRows });
        memories.set(database, memory);
      }
      const remembered = memory.get(key);
      if (remembered !== undefined) return remembered;
      const row = read();
      if (row !== undefined) memory.set(key, row);
      return row;
    },
    forget: (database, key) => {
      memories.get(database)?.delete(key);
    },
  };
}
