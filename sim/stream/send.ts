// Sends a stream at its pace, or breaks it off where a script or a fault has it so.
import { setTimeout as wait } from 'node:timers/promises'
import { exceptionOf, isErrorName } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import type { StreamScript } from '../script/script.ts'
import type { WireStream } from '../wire-answer.ts'
import { exceptionFrame } from './frames.ts'

/** How a stream ended, and how many tokens were generated until then. */
export interface StreamEnd {
  how: 'whole' | 'broken' | 'error'
  tokens: number
}

/**
 * Sends all events, or as many as the script lets through. The model works on when the caller hangs up, except in a stall.
 * @param onEnd - called just before the last bytes, or before the connection is cut.
 * @throws AbortError when the stand-in stops.
 */
export async function sendStream(
  exchange: Exchange,
  { headers, events }: WireStream,
  script: StreamScript,
  { stopped, onEnd }: { stopped: AbortSignal; onEnd: (end: StreamEnd) => void },
): Promise<void> {
  const { tokensPerSecond, stallAfter, breakAfter, errorAfter } = script
  let tokens = 0
  let debtMs = 0
  exchange.begin(headers)
  for (const [index, event] of events.entries()) {
    if (index === breakAfter) {
      onEnd({ how: 'broken', tokens })
      // What was written so far must leave before the cut.
      await wait(10, undefined, { signal: stopped })
      return exchange.cut()
    }
    if (index === errorAfter) {
      onEnd({ how: 'error', tokens })
      exchange.write(errorFrame(script))
      return exchange.end()
    }
    if (index === stallAfter) {
      await hangUp(AbortSignal.any([exchange.closed, stopped]))
      onEnd({ how: 'broken', tokens })
      return exchange.cut()
    }
    if (tokensPerSecond !== undefined) {
      debtMs += (event.tokens * 1_000) / tokensPerSecond
      // Timers of less than a millisecond are not kept: short waits are added up.
      if (debtMs >= 1) await wait(debtMs, undefined, { signal: stopped })
      if (debtMs >= 1) debtMs = 0
    }
    tokens += event.tokens
    if (index === events.length - 1) onEnd({ how: 'whole', tokens })
    exchange.write(event.frame)
  }
  exchange.end()
}

function errorFrame({ error = 'modelStreamErrorException' }: StreamScript): Uint8Array {
  const { type, message } = isErrorName(error)
    ? exceptionOf(error)
    : { type: error, message: 'The model encountered an error while it streamed its answer.' }
  return exceptionFrame(type, message)
}

/** Waits until the caller hangs up, or the stand-in stops. */
export async function hangUp(ended: AbortSignal): Promise<void> {
  if (!ended.aborted) await new Promise((resolve) => ended.addEventListener('abort', resolve, { once: true }))
}
