import type { Line } from '../job/line.ts'

/**
 * The line of the Java connector whose behaviour is reproduced where the lines differ: `8.8` is the recorded behaviour of runtime 8.8.7,
 * `8.9` that of 8.9.7, `8.10` the line after it.
 */
export type Compatibility = Line

/**
 * Whether inputs of element templates from version 4 on are read: reusable credentials, endpoints, job timeouts and inline documents. Of the
 * stock runtimes only 8.10 reads them. No diagram for an earlier one has them, so 8.9 takes the diagrams of all templates. The recorded 8.8
 * stays as it is.
 */
export function readsNewTemplates(compatibility: Compatibility): boolean {
  return compatibility !== '8.8'
}
