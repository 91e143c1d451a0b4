/**
 * Checks what comes at the end of a time limit, where something has to happen before: with a limit that
 * is long enough, which on a busy machine is found by trying.
 *
 * @throws the last failure, when not even a minute was enough
 */
export async function withEnoughTime(
  limitMs: number,
  check: (limitMs: number) => Promise<void>,
): Promise<void> {
  try {
    await check(limitMs);
  } catch (failure) {
    if (limitMs > 60_000) throw failure;
    await withEnoughTime(4 * limitMs, check);
  }
}
