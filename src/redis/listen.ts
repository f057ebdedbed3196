// Subscribes to channels on a shared connection.
import type { RedisClient } from './connect.ts'

/** Subscribes to a channel and passes on its messages. */
export type Listen = (
  connection: RedisClient,
  channel: string,
  onMessage: (message: string) => void,
) => Promise<void>

/** Makes a subscriber that may be called again, as when a start is repeated: the latest call replaces the one before. */
export function makeListen(): Listen {
  let listener: ((from: string, message: string) => void) | undefined
  return async (connection, channel, onMessage) => {
    if (listener !== undefined) connection.off('message', listener)
    listener = (from, message) => {
      if (from === channel) onMessage(message)
    }
    connection.on('message', listener)
    await connection.subscribe(channel)
  }
}
