// Which variables of a job are fetched from Zeebe: those the connector reads and the one by which a diagram
// speaks to Quarry; nothing else leaves it. Pure.
import { OWN_VARIABLE } from '../job/own-variable.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'

const SINCE_8_6 = ['authentication', 'configuration', 'action', 'data']

/** The input variables: a line that knows no reusable credential never sees one. */
export function fetchedVariables(compatibility: Compatibility): readonly string[] {
  const connectors = readsNewTemplates(compatibility) ? [...SINCE_8_6, 'awsCredential'] : SINCE_8_6
  return [...connectors, OWN_VARIABLE]
}
