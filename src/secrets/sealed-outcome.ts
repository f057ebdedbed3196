// An outcome as it is stored in Redis without encryption. A model's answer may repeat a secret of the prompt, so each occurrence is replaced
// by a mark with the secret's name, and put back exactly when the outcome is reported. A proof (seal-key.ts) shows that the writer knew
// the values, and for which job: a forged outcome hands out no secret.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { findable, type UsedSecret, valueForms } from '../connector/secret-masking.ts'
import type { Outcome } from '../job/outcome.ts'
import { PayloadError } from '../payload/payload-codec.ts'
import type { SecretScope } from './secret-provider.ts'

/** What the marks of an outcome stand for. */
interface SealedNames {
  readonly names: readonly string[]
  readonly scope: SecretScope
}
interface Sealed extends SealedNames {
  /** HMAC-SHA256, base64; absent in outcomes of versions that wrote no proof. */
  readonly proof?: string
}
type StoredOutcome = Outcome & { readonly sealed?: Sealed }

/** The job that an outcome belongs to. */
export interface OutcomePlace {
  /** Id of the job and its epoch. */
  readonly id: string
  /** The key of the proof, derived from the values: {@link sealKey}. */
  readonly keyOf: (secrets: readonly UsedSecret[]) => Promise<Buffer>
}

/** Thrown when a secret of a sealed outcome no longer exists, or has another value than when the model was called. */
export class SecretGone extends Error {
  override readonly name = 'SecretGone'
}

// A mark is \uE000, the secret's index in the list of names, a `j` for each time that the value was escaped as JSON, and \uE001. A
// \uE000 in the text itself becomes a mark without an index.
const MARKS = /\uE000(?:(\d+)(j{0,2}))?\uE001/g

/** @returns JSON text; plainly of the outcome if no secret occurs in it. */
export async function writeOutcome(
  outcome: Outcome,
  used: readonly UsedSecret[],
  scope: SecretScope,
  place: OutcomePlace,
): Promise<string> {
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
  const { tenantId, bpmnProcessId, line } = scope
  const sealed: SealedNames = {
    names: long.map(({ name }) => name),
    scope: { tenantId, bpmnProcessId, ...(line === undefined ? {} : { line }) },
  }
  const hidden = mapTexts(outcome, seal)
  const proof = prove(hidden, sealed, { key: await place.keyOf(long), id: place.id })
  const stored: StoredOutcome = { ...hidden, sealed: { ...sealed, proof: proof.toString('base64') } }
  return JSON.stringify(stored)
}

function prove(outcome: Outcome, sealed: SealedNames, { key, id }: { key: Buffer; id: string }): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([id, outcome, sealed]))
    .digest()
}

interface OutcomeReading extends OutcomePlace {
  /** Rejects when a secret cannot be fetched now. */
  readonly fetch: (name: string, scope: SecretScope) => Promise<string | null>
}

/**
 * Reads what {@link writeOutcome} wrote. Only to be called for a text that {@link secretsOf} accepts.
 * @throws SecretGone when a secret no longer exists or has another value, as when the text is forged.
 * @throws TypeError when the text is no outcome.
 */
export async function readOutcome(text: string, { id, keyOf, fetch }: OutcomeReading): Promise<Outcome> {
  const { sealed, ...outcome } = JSON.parse(text) as StoredOutcome
  if (!KINDS.has(outcome.kind)) throw new TypeError('The stored outcome of this job is not an outcome')
  if (sealed === undefined) return outcome
  const { proof, ...names } = sealed
  const secrets = await Promise.all(
    names.names.map(async (name) => {
      const value = await fetch(name, names.scope)
      if (value === null) throw new SecretGone(`Secret with name '${name}' is not available`)
      return { name, value }
    }),
  )
  if (proof !== undefined) {
    const key = await keyOf(secrets)
    if (!isSame(prove(outcome, names, { key, id }), Buffer.from(proof, 'base64')))
      throw new SecretGone(CHANGED)
  }
  const open = (sealedText: string): string =>
    sealedText.replaceAll(MARKS, (_, place: string | undefined, json = '') => {
      if (place === undefined) return '\uE000'
      return valueForms(secrets[Number(place)]?.value ?? '')[json.length] ?? ''
    })
  return mapTexts(outcome, open)
}

const KINDS: ReadonlySet<string> = new Set(['completed', 'failed', 'bpmnError'] satisfies Outcome['kind'][])
const CHANGED =
  'A secret has another value than when the model was called, or the result was written to Redis by somebody other than Quarry'

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * The names of the secrets that {@link readOutcome} fetches.
 * @param taken - which outcomes with secrets are accepted. `proven`: with a proof; `any`: also those of versions that wrote none; `none`:
 *   for an installation with a payload key, where outcomes are encrypted and not sealed.
 * @throws PayloadError `unproven`
 */
export function secretsOf(text: string, taken: 'none' | 'proven' | 'any'): readonly string[] {
  if (!text.includes('"sealed"')) return []
  const { sealed } = JSON.parse(text) as StoredOutcome
  if (sealed === undefined) return []
  const { names, proof } = sealed
  if (taken === 'any' || (taken === 'proven' && typeof proof === 'string')) return names
  throw new PayloadError('unproven', UNPROVEN)
}

const UNPROVEN =
  'The result contains marks for secrets, without proof that its writer knew their values: it was written to Redis by somebody other than Quarry, or by a version that wrote no proof. If that version ran until now, set QUARRY_PAYLOAD_OLD_FORMAT=write for a while'

function textsOf(outcome: Outcome): readonly string[] {
  const texts: string[] = []
  mapTexts(outcome, (text) => {
    texts.push(text)
    return text
  })
  return texts
}

/** Maps all texts of an outcome that come from diagrams and models. */
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
