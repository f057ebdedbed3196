// Which variables of a job are fetched from Zeebe: those the connector reads, nothing else leaves it. Pure.
import type { Compatibility } from './compatibility.ts'

const SINCE_8_6 = ['authentication', 'configuration', 'action', 'data']

/** The connector's input variables: lines before 8.10 know no reusable credential, and never see one. */
export function fetchedVariables(compatibility: Compatibility): readonly string[] {
  return compatibility === '8.10' ? [...SINCE_8_6, 'awsCredential'] : SINCE_8_6
}
