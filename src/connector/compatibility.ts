/**
 * Which line of the Java connector's behaviour is reproduced where the lines differ: `8.8` is what runtime 8.8.7 was
 * recorded to do, `8.9` is 8.9.7, `8.10` the line after it.
 */
export type Compatibility = '8.8' | '8.9' | '8.10'

/**
 * Whether what element templates of version 4 and later write is read: reusable credentials, endpoints, job timeouts and
 * inline documents. Of the stock runtimes only 8.10 reads it; no diagram for an earlier one has it, so that the default
 * line takes the diagrams of all templates. The recorded 8.8 stays as it is.
 */
export function readsNewTemplates(compatibility: Compatibility): boolean {
  return compatibility !== '8.8'
}
