// Which variables of a job are fetched from Zeebe: those the connector reads, nothing else leaves it. Pure.
import { type Compatibility, readsNewTemplates } from './compatibility.ts'

const SINCE_8_6 = ['authentication', 'configuration', 'action', 'data']

/** The connector's input variables: a line that knows no reusable credential never sees one. */
export function fetchedVariables(compatibility: Compatibility): readonly string[] {
  return readsNewTemplates(compatibility) ? [...SINCE_8_6, 'awsCredential'] : SINCE_8_6
}
