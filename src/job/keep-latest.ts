// A bounded memory of what was used latest.

/** Sets an entry. The entry that was set longest ago makes room when there are more than `most`. */
export function keepLatest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next().value
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
