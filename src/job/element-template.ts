// Which element template a task was made with, as its headers say. Pure.
import { parseHeaders } from './task-headers.ts'

export interface ElementTemplate {
  readonly id: string
  readonly version: string
}

/** What the stock runtime says of tasks whose template does not tell: those before version 3. */
export const UNKNOWN_TEMPLATE: ElementTemplate = { id: 'unknown', version: 'unknown' }

const LONGEST = 100

/** @param customHeaders - JSON text of the task headers. */
export function elementTemplate(customHeaders: string): ElementTemplate {
  const { elementTemplateId, elementTemplateVersion } = parseHeaders(customHeaders)
  return {
    id: named(elementTemplateId) ?? UNKNOWN_TEMPLATE.id,
    version: named(elementTemplateVersion) ?? UNKNOWN_TEMPLATE.version,
  }
}

function named(value = ''): string | null {
  return value === '' ? null : value.slice(0, LONGEST)
}
