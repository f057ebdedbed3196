// Which variables of a job are fetched from Zeebe: the connector's inputs, and the variable that addresses Quarry. Nothing else leaves
// Zeebe. Pure.
import { OWN_VARIABLE } from '../job/own-variable.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'

const SINCE_8_6 = ['authentication', 'configuration', 'action', 'data']

/** The input variables: lines without reusable credentials never fetch one. */
export function fetchedVariables(compatibility: Compatibility): readonly string[] {
  const connectors = readsNewTemplates(compatibility) ? [...SINCE_8_6, 'awsCredential'] : SINCE_8_6
  return [...connectors, OWN_VARIABLE]
}
