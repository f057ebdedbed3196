// An outcome as it lies in Redis without encryption: a model's answer may repeat a secret of the prompt, so each
// occurrence is replaced by a mark that tells the secret's name, and put back when Zeebe is told. Exact both ways, as
// long as the secret keeps its value.
import { findable, type UsedSecret, valueForms } from '../connector/secret-masking.ts'
import type { Outcome } from '../job/outcome.ts'
import type { SecretScope } from './secret-provider.ts'

/** An outcome with marks, and what they stand for. */
interface Sealed {
  readonly names: readonly string[]
  readonly scope: SecretScope
}
type StoredOutcome = Outcome & { readonly sealed?: Sealed }

/** Thrown when a secret of a sealed outcome is there no more. */
export class SecretGone extends Error {
  override readonly name = 'SecretGone'
}

// A mark is \uE000, the secret's place in the list of names, a `j` for each time that JSON has written the value, \uE001.
// A \uE000 of the text itself becomes a mark without a place.
const MARKS = /\uE000(?:(\d+)(j{0,2}))?\uE001/g

/** @returns JSON text; that of the outcome itself where no secret occurs in it. */
export function writeOutcome(outcome: Outcome, used: readonly UsedSecret[], scope: SecretScope): string {
  const long = findable(used)
  const marks = new Map<string, string>()
  for (const [place, { value }] of long.entries()) {
    for (const [times, form] of valueForms(value).entries()) {
      if (!marks.has(form)) marks.set(form, `\uE000${place}${'j'.repeat(times)}\uE001`)
    }
  }
  const forms = [...marks.keys()].sort((one, other) => other.length - one.length)
  if (!textsOf(outcome).some((text) => forms.some((form) => text.includes(form))))
    return JSON.stringify(outcome)
  const marked = new RegExp([...forms, '\uE000'].map(RegExp.escape).join('|'), 'g')
  const seal = (text: string): string =>
    text.replaceAll(marked, (found) => marks.get(found) ?? '\uE000\uE001')
  const { tenantId, bpmnProcessId } = scope
  const sealed: Sealed = { names: long.map(({ name }) => name), scope: { tenantId, bpmnProcessId } }
  return JSON.stringify({ ...mapTexts(outcome, seal), sealed } satisfies StoredOutcome)
}

/**
 * Reads what {@link writeOutcome} wrote.
 * @param fetch - rejects when a secret cannot be fetched now, as this then does.
 * @throws SecretGone when there is no such secret any more.
 */
export async function readOutcome(
  text: string,
  fetch: (name: string, scope: SecretScope) => Promise<string | null>,
): Promise<Outcome> {
  const { sealed, ...outcome } = JSON.parse(text) as StoredOutcome
  if (sealed === undefined) return outcome
  const values = await Promise.all(
    sealed.names.map(async (name) => {
      const value = await fetch(name, sealed.scope)
      if (value === null) throw new SecretGone(`Secret with name '${name}' is not available`)
      return value
    }),
  )
  const open = (sealedText: string): string =>
    sealedText.replaceAll(MARKS, (_, place: string | undefined, json = '') => {
      if (place === undefined) return '\uE000'
      return valueForms(values[Number(place)] ?? '')[json.length] ?? ''
    })
  return mapTexts(outcome, open)
}

/** The names of the secrets that {@link readOutcome} fetches. */
export function secretsOf(text: string): readonly string[] {
  if (!text.includes('"sealed":')) return []
  return (JSON.parse(text) as StoredOutcome).sealed?.names ?? []
}

function textsOf(outcome: Outcome): readonly string[] {
  const texts: string[] = []
  mapTexts(outcome, (text) => {
    texts.push(text)
    return text
  })
  return texts
}

/** All of an outcome that diagrams and models have a say in. */
function mapTexts(outcome: Outcome, map: (text: string) => string): Outcome {
  const variables = map(outcome.variables)
  switch (outcome.kind) {
    case 'completed':
      return { ...outcome, variables }
    case 'failed':
      return { ...outcome, variables, errorMessage: map(outcome.errorMessage) }
    case 'bpmnError': {
      const { errorCode, errorMessage } = outcome
      return { ...outcome, variables, errorCode: map(errorCode), errorMessage: map(errorMessage) }
    }
  }
}
