// A call with a cache point at the end of what it shares with earlier calls of its flow, if a rule of the lanes file asks for it. While the cache is
// cold, one call writes it and its siblings wait for a moment: each would write, and pay for, the same.
import { leastCached, type Prefix, prefixesOf, ttlFor, withPointAfter } from '../bedrock/shared-prefix.ts'
import type { LaneName } from '../job/ids.ts'
import { isJsonObject, parseJson, stringifyJson } from '../job/json.ts'
import type { FirstCall, FirstCalls } from '../lanes/first-calls.ts'
import { cachingOf } from '../rules/caching-rules.ts'
import type { CachingRule } from '../rules/lane-rules.ts'
import { pause } from '../time/bounded-wait.ts'
import { type CallInTurnParts, callInTurn, type Sending, type SendingEnd } from './call-in-turn.ts'
import type { SharedPrefixes } from './shared-prefixes.ts'

export interface CachedCallParts extends CallInTurnParts {
  readonly caching: () => readonly CachingRule[] | undefined
  readonly prefixes: SharedPrefixes
  readonly firstCalls: FirstCalls
}

/** Longest wait for the call that writes the cache, ms: beyond it, writing twice costs less than waiting. */
const WAIT_MS = 5_000
const ASK_EVERY_MS = 250
/** Bedrock keeps a prefix for five minutes, or an hour, after its last use; a little less counts here, or the last ones would write again. */
const KEPT_MS = { '5m': 270_000, '1h': 3_300_000 }
/** English prose has 3.5 to 4. A prefix that turns out too short is not cached, and nothing fails. */
const CHARACTERS_A_TOKEN = 4
/** Characters of a body. Reading a longer one once more would hold up other jobs. */
const LONGEST_BODY = 2_000_000

export async function callCached(parts: CachedCallParts, sending: Sending): Promise<SendingEnd> {
  const shared = sharedOf(parts, sending)
  if (shared === null) return callInTurn(parts, sending)
  const { prefix, ttl, call } = shared
  const keepMs = KEPT_MS[ttl ?? '5m']
  const first = await goesAhead(parts, sending, prefix, keepMs)
  let knownMs = 0
  try {
    const end = await callInTurn(parts, { ...sending, request: { ...sending.request, call } })
    if (end.kind === 'answered' && end.answer.kind !== 'failure') {
      knownMs = keepMs
      // Without Redis a sibling goes ahead once more than necessary.
      if (first === null && end.answer.usage.cacheRead > 0)
        void parts.firstCalls.keep(sending.served.name, nameOf(prefix), keepMs).catch(() => undefined)
    }
    return end
  } finally {
    // Without Redis it lapses by itself.
    await first?.ended(knownMs).catch(() => undefined)
  }
}

/** The call with its cache point; null if it gets none. */
function sharedOf({ caching, prefixes }: CachedCallParts, { job, lane, served, request }: Sending) {
  const { call } = request
  const rules = caching()
  if (rules === undefined || call.action !== 'converse' || call.body.length > LONGEST_BODY) return null
  const rule = cachingOf(rules, job, lane)
  const model = served.model()
  const least = leastCached(model)
  if (rule === null || least === null) return null
  const body = parseJson(call.body)
  if (!isJsonObject(body)) return null
  const prefix = prefixes.longestKnown(flowOf(served.name, job), prefixesOf(body))
  if (prefix === null || prefix.characters / CHARACTERS_A_TOKEN < least) return null
  const ttl = ttlFor(model, rule.ttl)
  return { prefix, ttl, call: { ...call, body: stringifyJson(withPointAfter(body, prefix, ttl)) } }
}

function flowOf(
  lane: LaneName,
  { tenantId, bpmnProcessId, elementId }: Pick<Sending['job'], 'tenantId' | 'bpmnProcessId' | 'elementId'>,
): string {
  return JSON.stringify([lane, tenantId, bpmnProcessId, elementId])
}

function nameOf({ hash }: Prefix): string {
  return `cache:${hash}`
}

/** Waits while another call writes the prefix, for a moment; null if that is written. Without Redis nobody waits. */
async function goesAhead(
  { firstCalls }: CachedCallParts,
  { served, stop }: Sending,
  prefix: Prefix,
  keepMs: number,
): Promise<FirstCall | null> {
  const times = { waitMs: WAIT_MS, keepMs }
  for (;;) {
    const entered = await firstCalls
      .enterBriefly(served.name, nameOf(prefix), times)
      .catch(() => 'known' as const)
    if (entered === 'known' || stop.beginning.aborted) return typeof entered === 'object' ? entered : null
    if (entered !== 'wait') return entered
    await pause(ASK_EVERY_MS, stop.beginning)
  }
}
