// The storage of an object that keeps nothing, for trying a fleet that does not exist: its tables are empty whatever is
// written, its values last as long as the trial. So a dry run leaves no row behind, whatever else happens to the name meanwhile.

/** What a FleetStore needs of an object's storage. */
export function trialStorage(): DurableObjectStorage {
  const values = new Map<string, unknown>();
  const storage = {
    sql: { exec: () => ({ toArray: () => [] }) },
    kv: {
      get: (key: string) => values.get(key),
      put: (key: string, value: unknown) => void values.set(key, value),
      delete: (key: string) => values.delete(key),
    },
    transactionSync: <T>(work: () => T): T => work(),
  };
  return storage as unknown as DurableObjectStorage;
}
