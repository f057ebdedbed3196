// How documents become blocks of a request: like the Java connector, or with improvements, each of them optional. Data only.
import type { Compatibility } from '../compatibility.ts'

/** The improvements. Without any, documents are handled like in the Java connector. */
export interface DocumentRules {
  /** `jpg`, `htm` and `markdown` count as `jpeg`, `html` and `md`; a content type's parameters are ignored. */
  readonly typeAliases: boolean
  /** `PDF` counts as `pdf`. */
  readonly anyTypeCase: boolean
  /** Names that Bedrock would refuse are changed to valid ones. */
  readonly sanitizeNames: boolean
  /** Documents with the same name are numbered: Bedrock refuses duplicates. */
  readonly uniqueNames: boolean
}

/** The default rules: 8.8 is recorded, and stays as it is. */
export function documentRules(compatibility: Compatibility): DocumentRules {
  const improved = compatibility !== '8.8'
  return { typeAliases: improved, anyTypeCase: improved, sanitizeNames: improved, uniqueNames: improved }
}
