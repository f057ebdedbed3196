// How documents become blocks of a request: the Java connector's way, and the improvements on it, each on its own.
// Data only.
import type { Compatibility } from '../compatibility.ts'

/** The improvements; without any, documents are treated as the Java connector treats them. */
export interface DocumentRules {
  /** `jpg`, `htm` and `markdown` count as `jpeg`, `html` and `md`; a content type's parameters are left out. */
  readonly typeAliases: boolean
  /** `PDF` counts as `pdf`. */
  readonly anyTypeCase: boolean
  /** Names that Bedrock would refuse are changed to ones it takes. */
  readonly sanitizeNames: boolean
  /** A second document of the same name gets a number: Bedrock refuses requests with two. */
  readonly uniqueNames: boolean
}

/** What holds where no setting says otherwise: 8.8 is recorded, and kept as it is. */
export function documentRules(compatibility: Compatibility): DocumentRules {
  const improved = compatibility !== '8.8'
  return { typeAliases: improved, anyTypeCase: improved, sanitizeNames: improved, uniqueNames: improved }
}
