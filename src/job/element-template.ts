// Which element template a task was made with, as its headers say. Pure.
import { isJsonObject, parseJson } from './json.ts'

export interface ElementTemplate {
  readonly id: string
  readonly version: string
}

/** What the stock runtime says of tasks whose template does not tell: those before version 3. */
export const UNKNOWN_TEMPLATE: ElementTemplate = { id: 'unknown', version: 'unknown' }

const LONGEST = 100

/** @param customHeaders - JSON text of the task headers. */
export function elementTemplate(customHeaders: string): ElementTemplate {
  if (!customHeaders.includes('elementTemplate')) return UNKNOWN_TEMPLATE
  try {
    const headers = parseJson(customHeaders)
    if (!isJsonObject(headers)) return UNKNOWN_TEMPLATE
    const text = (name: string): string => {
      const value = headers[name]
      return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : 'unknown'
    }
    return { id: text('elementTemplateId'), version: text('elementTemplateVersion') }
  } catch {
    return UNKNOWN_TEMPLATE
  }
}
