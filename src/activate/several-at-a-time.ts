// Commands for many jobs, several of them under way.

const MOST_AT_ONCE = 32

/** Does `work` for every item, {@link MOST_AT_ONCE} at a time. Rejects with the first that rejects. */
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
