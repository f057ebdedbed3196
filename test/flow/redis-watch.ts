// Watches everything that anybody writes to Redis, also what is deleted again: by MONITOR, which shows the commands of
// clients and of Lua scripts.
import { inflateRawSync } from 'node:zlib'
import { Redis } from 'ioredis'

export interface RedisWatch {
  /** Which of the texts were written, under any number of JSON escapes, and compressed ones too. */
  seen(): ReadonlySet<string>
  stop(): void
}

/** Texts that a payload is deflated to: the form that payload-codec.ts gives long ones. */
const DEFLATED = /1z([A-Za-z0-9+/]{16,}={0,2})/g

/** Starts to look for these texts in all that is written from now on. */
export async function watchRedis(url: string, texts: readonly string[]): Promise<RedisWatch> {
  const redis = new Redis(url)
  const monitor = await redis.monitor()
  const found = new Set<string>()
  monitor.on('monitor', (_time: string, args: readonly string[]) => {
    for (const arg of args) for (const text of textsIn(arg, texts)) found.add(text)
  })
  return {
    seen: () => found,
    stop() {
      monitor.disconnect()
      redis.disconnect()
    },
  }
}

/** Which of these texts are in that one, however often it was put into JSON. */
export function textsIn(content: string, texts: readonly string[]): readonly string[] {
  const unpacked = [...content.matchAll(DEFLATED)].map(([, body = '']) => inflated(body))
  const plain = [content, ...unpacked].map(unescaped)
  return texts.filter((text) => plain.some((one) => one.includes(unescaped(text))))
}

/** Without backslashes: what remains is the same under any number of escapes. */
function unescaped(text: string): string {
  return text.replaceAll('\\', '')
}

function inflated(body: string): string {
  try {
    return inflateRawSync(Buffer.from(body, 'base64')).toString('utf8')
  } catch {
    // It only looks like a compressed payload.
    return ''
  }
}
