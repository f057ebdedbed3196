// A lane is the unit that AWS grants quotas for: one account, one region, one model or inference profile.
// One BullMQ queue each. BullMQ takes no ':' in queue names and model ids and ARNs have them, hence the encoding.
import { createHash } from 'node:crypto'
import type { LaneName } from './ids.ts'

/** What a lane stands for. */
export interface Lane {
  /** Pseudonym of the AWS account behind the credential; `default` is the worker's own credentials chain. */
  readonly account: string
  readonly region: string
  /** Model id, inference profile id or ARN, as the diagram names it. */
  readonly model: string
}

/**
 * The lane of jobs without a region or a model: they cannot lead to a call. Every worker serves it, and ends each job as the contract
 * says.
 */
export const UNROUTABLE: Lane = { account: 'none', region: 'none', model: 'none' }

/**
 * Models of lanes whose calls no model answers. AWS limits these calls by quotas of their own, so that their throttles must not slow down a
 * model, and bills no tokens for them.
 */
export const APPLY_GUARDRAIL = 'apply-guardrail'
export const GUARDRAIL_CHECKS = 'guardrail-checks'
/** Before the model whose tokens are counted. */
export const COUNT_TOKENS = 'count-tokens:'

/** Whether no model answers the calls of the lane. */
export function isModelFree({ model }: Pick<Lane, 'model'>): boolean {
  return model === APPLY_GUARDRAIL || model === GUARDRAIL_CHECKS || model.startsWith(COUNT_TOKENS)
}

const SEPARATOR = '@'
const LONGEST_PART = 300

/** `account@region@model`, each part percent-encoded, so that the name can be read and parsed. */
export function laneName(lane: Lane): LaneName {
  return [lane.account, lane.region, lane.model].map(encodePart).join(SEPARATOR) as LaneName
}

/**
 * Parses a lane name. A part that was too long for a name comes back as its beginning and a hash.
 * @throws TypeError when the text is not a lane name.
 */
export function parseLaneName(name: string): Lane {
  const [account, region, model, ...rest] = name.split(SEPARATOR).map(decodeURIComponent)
  if (account === undefined || region === undefined || model === undefined || rest.length > 0) {
    throw new TypeError(`Not a lane name: ${JSON.stringify(name.slice(0, 200))}`)
  }
  return { account, region, model }
}

export function isUnroutable(lane: Lane): boolean {
  return lane.account === UNROUTABLE.account && lane.region === UNROUTABLE.region
}

function encodePart(part: string): string {
  const encoded = encodeURIComponent(part.toWellFormed())
  if (encoded.length <= LONGEST_PART) return encoded
  const hash = createHash('sha256').update(part).digest('hex').slice(0, 16)
  return `${encodeURIComponent(part.slice(0, 60).toWellFormed())}~${hash}`
}
