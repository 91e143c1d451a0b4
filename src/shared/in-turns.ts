/**
 * Does the work for each item, `atATime` of them at once; the results are in the order of the items. The first
 * failure is thrown, and what has begun goes on.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, takeTurns));
  return results;
}
