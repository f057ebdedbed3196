// docker-compose.yml as `docker compose` reads it: anchors merged, variables replaced. Only as much of both as the file uses.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

export const ROOT = new URL('../..', import.meta.url)

const dependency = z.object({ condition: z.string(), required: z.boolean().optional() })
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), dependency).default({}),
  healthcheck: z.object({ disable: z.boolean().optional() }).optional(),
  container_name: z.string().optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  networks: z.array(z.string()).default([]),
})
const composeFile = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
})

export type ComposeService = z.infer<typeof service>

/** The file as the schema sees it: variables replaced by what `variables` has, or by their defaults. */
export function readComposeYaml(variables: Readonly<Record<string, string>> = {}): unknown {
  return parse(
    readFileSync(new URL('docker-compose.yml', ROOT), 'utf8'),
    (_, value: unknown) => (typeof value === 'string' ? replaceVariables(value, variables) : value),
    { merge: true },
  )
}

/** The services, by name. */
export function readServices(
  variables: Readonly<Record<string, string>> = {},
): Readonly<Record<string, ComposeService>> {
  return composeFile.parse(readComposeYaml(variables)).services
}

/** Names of the variables that the file reads. */
export function variablesRead(): string[] {
  const text = readFileSync(new URL('docker-compose.yml', ROOT), 'utf8')
  return [...text.matchAll(/\$\{(\w+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

/** `${NAME:-default}`, for one that is empty or unset; `${NAME-default}`, for one that is unset. The innermost. */
const VARIABLE = /\$\{(\w+)(:?-)([^${}]*)\}/g

function replaceVariables(text: string, variables: Readonly<Record<string, string>>): string {
  const replaced = text.replaceAll(VARIABLE, (_, name: string, operator: string, fallback: string) => {
    const value = variables[name]
    return value === undefined || (value === '' && operator === ':-') ? fallback : value
  })
  return replaced === text ? text : replaceVariables(replaced, variables)
}
