// The element template that a task was made with, from its headers. Pure.
import { parseHeaders } from './task-headers.ts'

export interface ElementTemplate {
  readonly id: string
  readonly version: string
}

/** What the stock runtime shows for tasks without these headers: those of templates before version 3. */
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
