// Lua scripts as commands of a connection. A script is a file beside the module that calls it, and runs atomically in one round trip.
// Constants are defined in TypeScript, and inserted into the scripts that use them.
import { readFileSync } from 'node:fs'
import type { RedisClient } from './connect.ts'

/** Runs a script: its keys first, then its arguments. */
export type Script = (...args: (string | number)[]) => Promise<unknown>

/** A script by name, on the connection itself or on a pipeline of it. */
export type Scripts<Name extends string> = (name: Name, on?: object) => Script

/** A script's text. A line `--- @include name` is replaced by that script of the same folder. */
function readScript(name: string, beside: string): string {
  const text = readFileSync(new URL(`./${name}.lua`, beside), 'utf8')
  return text.replace(/^--- @include (\S+)$/gm, (_, included: string) => readScript(included, beside))
}

/** A number, or a table of constants by name. */
export type Constant = number | { readonly [name: string]: Constant }

/** @throws RangeError for a number that Lua cannot read. */
function luaOf(value: Constant): string {
  if (typeof value !== 'number')
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name} = ${luaOf(each)}`)
      .join(', ')} }`
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no constant for Lua`)
  return String(value)
}

/** A script's text after the constants that it uses, as locals. */
function withConstants(lua: string, constants: Readonly<Record<string, Constant>>): string {
  const words = new Set(lua.match(/\b[A-Z][A-Z_]+\b/g))
  const named = Object.entries(constants).filter(([name]) => words.has(name))
  return [...named.map(([name, value]) => `local ${name} = ${luaOf(value)}`), lua].join('\n')
}

/**
 * Loads scripts, given by the name of their file and the number of their keys.
 * @param beside - URL of a file in the scripts' folder: the caller's `import.meta.url`.
 * @param constants - that the scripts use, in capitals. @default none
 */
export function loadScripts<Name extends string>(
  redis: RedisClient,
  beside: string,
  numberOfKeys: Readonly<Record<Name, number>>,
  constants: Readonly<Record<string, Constant>> = {},
): Scripts<Name> {
  for (const [name, count] of Object.entries<number>(numberOfKeys)) {
    const lua = withConstants(readScript(name, beside), constants)
    redis.defineCommand(`quarry:${name}`, { numberOfKeys: count, lua })
  }
  return (name, on = redis) => {
    const command: unknown = Reflect.get(on, `quarry:${name}`)
    if (typeof command !== 'function') throw new Error(`No script ${name}`)
    return (...args) => Reflect.apply(command, on, args)
  }
}
