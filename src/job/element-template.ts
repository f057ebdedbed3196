// Which element template a task was made with, as its headers say. Pure.
import type { JsonValue } from './json.ts'
import { taskHeaders } from './task-header.ts'

export interface ElementTemplate {
  readonly id: string
  readonly version: string
}

/** What the stock runtime says of tasks whose template does not tell: those before version 3. */
export const UNKNOWN_TEMPLATE: ElementTemplate = { id: 'unknown', version: 'unknown' }

const LONGEST = 100

/** @param customHeaders - JSON text of the task headers. */
export function elementTemplate(customHeaders: string): ElementTemplate {
  const [id, version] = taskHeaders(customHeaders, ['elementTemplateId', 'elementTemplateVersion'])
  return { id: named(id) ?? UNKNOWN_TEMPLATE.id, version: named(version) ?? UNKNOWN_TEMPLATE.version }
}

function named(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : null
}
