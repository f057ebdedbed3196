// The stand-in's own endpoints under `/__sim/`: the same statistics, log, settings and reset as its functions.
// They carry no authentication: the stand-in is for a loopback or a test network. Web pages are refused (own-caller.ts).
import type { IssuedCredentials } from './credentials/issued.ts'
import type { LoggedRequest, SimStats } from './ledger.ts'
import type { FaultRule, SimSettings } from './settings.ts'
import type { WireAnswer } from './wire-answer.ts'

/** The stand-in, for these endpoints. */
export interface Controlled {
  stats(): SimStats
  requests(): LoggedRequest[]
  credentials(): ReturnType<IssuedCredentials['list']>
  settings(): SimSettings
  /** @throws RangeError when a setting is not valid */
  configure(change: Partial<SimSettings>): void
  /**
   * Adds one fault rule behind the others, which keep the strikes that they have left.
   * @returns its id, for {@link removeFault}
   * @throws RangeError when the rule is not valid
   */
  addFault(rule: FaultRule): string
  /** Whether there was such a rule. */
  removeFault(id: string): boolean
  reset(): void
}

/** Whether the path is one of the stand-in's own. */
export function isControlPath(path: string): boolean {
  return path === '/__sim' || path.startsWith('/__sim/')
}

/** Answers one control request. A wrong setting gives 400 with what is wrong, and changes nothing. */
export function answerControl(sim: Controlled, method: string, path: string, body: string): WireAnswer {
  const [place = ''] = path.split('?', 1)
  if (method === 'DELETE' && place.startsWith(FAULT)) return deleteFault(sim, place.slice(FAULT.length))
  switch (`${method} ${place}`) {
    case 'GET /__sim/health':
      return json(200, { status: 'ok' })
    case 'GET /__sim/stats':
      return json(200, sim.stats())
    case 'GET /__sim/requests':
      return json(200, sim.requests())
    case 'GET /__sim/credentials':
      return json(200, sim.credentials())
    case 'GET /__sim/settings':
      return json(200, sim.settings())
    case 'PUT /__sim/settings':
      return changed(body, (change) => {
        sim.configure(change as Partial<SimSettings>)
        return json(200, sim.settings())
      })
    case 'POST /__sim/faults':
      return changed(body, (rule) => json(201, { id: sim.addFault(rule as FaultRule) }))
    case 'POST /__sim/reset':
      sim.reset()
      return json(200, { status: 'reset' })
    default:
      return json(404, {
        message:
          'No such endpoint of the stand-in. There are GET /__sim/stats, /__sim/requests, /__sim/credentials, /__sim/settings and /__sim/health, PUT /__sim/settings, POST /__sim/faults, DELETE /__sim/faults/<id> and POST /__sim/reset.',
      })
  }
}

/** The answer to web pages. */
export const NOT_FOR_PAGES = json(403, {
  message:
    'The endpoints of the stand-in are not for web pages. Ask from a program, by an address, a name without dots or its --host.',
})

const FAULT = '/__sim/faults/'

function deleteFault(sim: Controlled, id: string): WireAnswer {
  if (sim.removeFault(id)) return json(200, { status: 'removed' })
  return json(404, {
    message: `There is no fault rule with the id "${id}": it was removed, or all rules were replaced.`,
  })
}

function changed(body: string, change: (value: unknown) => WireAnswer): WireAnswer {
  try {
    return change(JSON.parse(body))
  } catch (error) {
    if (error instanceof SyntaxError)
      return json(400, { message: `The request body is not JSON: ${error.message}` })
    if (error instanceof RangeError) return json(400, { message: error.message })
    throw error
  }
}

function json(status: number, value: unknown): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  }
}
