// The Lua scripts of this folder as commands of a connection. Each runs atomically in one round trip.
import { readFileSync } from 'node:fs'
import type { RedisClient } from './connect.ts'

/** Runs a script: its keys first, then its arguments. */
export type Script = (...args: (string | number)[]) => Promise<unknown>

/** A script by name, on the connection itself or on a pipeline of it. */
export type Scripts<Name extends string> = (name: Name, on?: object) => Script

/** A script's text; a line `--- @include name` stands for the text of another. */
function readScript(name: string): string {
  const text = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
  return text.replace(/^--- @include (\S+)$/gm, (_, included: string) => readScript(included))
}

/** Loads scripts, given by the name of their file and the number of their keys. */
export function loadScripts<Name extends string>(
  redis: RedisClient,
  numberOfKeys: Readonly<Record<Name, number>>,
): Scripts<Name> {
  for (const [name, count] of Object.entries<number>(numberOfKeys)) {
    const lua = readScript(name)
    redis.defineCommand(`quarry:${name}`, { numberOfKeys: count, lua })
  }
  return (name, on = redis) => {
    const command: unknown = Reflect.get(on, `quarry:${name}`)
    if (typeof command !== 'function') throw new Error(`No script ${name}`)
    return (...args) => Reflect.apply(command, on, args)
  }
}
