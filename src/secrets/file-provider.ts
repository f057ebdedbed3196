// Secrets from a directory with one file each, as Kubernetes mounts them. Read at each use, so that the next job sees a rotated secret.
// Never leaves the directory.
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretProvider } from './secret-provider.ts'

/** Valid keys of a Kubernetes Secret; excludes `..data`, which Kubernetes adds itself. */
const NAME = /^(?!\.\.)[A-Za-z0-9._-]{1,253}$/
/** Tenant ids that are valid directory names: one level down, and none that Kubernetes adds. */
const TENANT = /^(?!\.)[^/\\\0]{1,255}$/
/** The size limit of a Kubernetes Secret. */
const MAX_BYTES = 1_048_576

/**
 * The value is the file's text, without one line break at its end, as editors and `echo` leave it.
 * @param tenantAware - whether each tenant has a subdirectory, named by its id.
 */
export function makeFileProvider(directory: string, tenantAware = false): SecretProvider {
  return {
    async get(name, { tenantId }) {
      if (!NAME.test(name) || name === '.') return null
      if (tenantAware && !TENANT.test(tenantId)) return null
      const bytes = await readFile(join(directory, tenantAware ? tenantId : '', name), name)
      return bytes === null ? null : bytes.toString('utf8').replace(/\r?\n$/, '')
    },
  }
}

/** ENOTDIR: the name of a tenant belongs to something that is no directory. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

async function readFile(path: string, name: string): Promise<Buffer | null> {
  try {
    await using file = await open(path, 'r')
    const stats = await file.stat()
    if (!stats.isFile()) return null
    if (stats.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`)
    return await file.readFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error && MISSING.has(String(error.code))) return null
    // The system's message contains the path, and this becomes the message of an incident.
    const reason = error instanceof Error ? ('code' in error ? error.code : error.message) : error
    throw new Error(`The file of secret '${name}' in QUARRY_SECRETS_DIR cannot be read: ${reason}`)
  }
}
