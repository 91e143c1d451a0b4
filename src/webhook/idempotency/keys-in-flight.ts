/** The starts of one webhook that are under way, by the names of their runs. */
export interface KeysInFlight {
  /** Does the work, unless the same is under way: then undefined. */
  once<Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined>;
}

const ofWebhooks = new WeakMap<object, KeysInFlight>();

/** The starts of the webhook that has these options. */
export function keysInFlightOf(options: object): KeysInFlight {
  const known = ofWebhooks.get(options) ?? createKeysInFlight();
  ofWebhooks.set(options, known);
  return known;
}

/** Nothing is under way yet. */
export function createKeysInFlight(): KeysInFlight {
  const names = new Set<string>();
  return {
    async once(name, work) {
      if (names.has(name)) return undefined;
      names.add(name);
      try {
        return await work();
      } finally {
        names.delete(name);
      }
    },
  };
}
