// Messages of a channel, on a connection that several may listen on.
import type { RedisClient } from './connect.ts'

/** Subscribes to a channel and hands over its messages. */
export type Listen = (
  connection: RedisClient,
  channel: string,
  onMessage: (message: string) => void,
) => Promise<void>

/** Makes a listener that can be called again, as when a start is repeated: the latest call replaces the one before. */
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
