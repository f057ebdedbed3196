// Runs commands for many jobs, a bounded number at a time.

const MOST_AT_ONCE = 32

/** Runs `work` for every item, the last first, {@link MOST_AT_ONCE} at a time. Rejects with the first rejection. */
export async function severalAtATime<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const next = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, items.length) }, next))
}
