// Real `quarry start` processes that are started again when they end, as Kubernetes would. Each life of a process
// signs its calls with an access key of its own, so that the stand-in can tell whose a call was.
import {
  type Ended,
  environment,
  type QuarryProcess,
  startQuarryProcess,
  until,
} from '../flow/quarry-process.ts'

/** A running process. */
export interface Member {
  /** Its place in the fleet, `adapter-1`. */
  readonly name: string
  readonly roles: string
  readonly accessKey: string
  readonly quarry: QuarryProcess
}

export interface Fleet {
  /** Processes that have started and were not asked to end. */
  running(): readonly Member[]
  /** Waits until every place has a process that is ready. */
  ready(): Promise<void>
  /** Ends one as `signal` does, and waits for its end; another takes its place. */
  end(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>
  /**
   * Makes it `count` processes of these roles: starts what is missing, and tells the last ones to end, by SIGTERM and for
   * good. Waits for both. @returns how they ended.
   */
  scale(roles: string, count: number): Promise<readonly Ended[]>
  /** Processes that ended without being told to: their last words. */
  readonly crashes: readonly string[]
  /** Ends all for good. @returns how each ended. */
  stop(): Promise<readonly Ended[]>
}

export interface FleetPlan {
  /** How many processes of which roles. */
  readonly places: Readonly<Record<string, number>>
  readonly env: (accessKey: string) => Readonly<Record<string, string>>
  /** Whether an ended process is replaced. @default true */
  readonly restarts?: boolean
}

interface Place {
  readonly name: string
  readonly roles: string
  /** Whether nobody takes this place any more. */
  closed: boolean
  lives: number
  member: Member | null
  life: Promise<void>
}

/** Starts all places; they need not be ready yet. */
export async function startFleet(plan: FleetPlan): Promise<Fleet> {
  const state = { stopping: false, told: new Set<Member>(), crashes: [] as string[] }
  const openPlace = (roles: string, number: number): Place => {
    const name = `${roles.replaceAll(',', '-')}-${number}`
    return { name, roles, closed: false, lives: 0, member: null, life: Promise.resolve() }
  }
  let places = Object.entries(plan.places).flatMap(([roles, count]) =>
    Array.from({ length: count }, (_, index) => openPlace(roles, index + 1)),
  )
  const live = async (place: Place): Promise<void> => {
    place.lives += 1
    const accessKey = `AKIA${place.name}-${place.lives}`.replaceAll('-', 'X').toUpperCase()
    const env = environment({ ...plan.env(accessKey) })
    const quarry = await startQuarryProcess({ env, args: ['--roles', place.roles] })
    const member: Member = { name: place.name, roles: place.roles, accessKey, quarry }
    place.member = member
    place.life = quarry.ended.then(({ code, signal }) => {
      place.member = null
      if (!state.told.has(member) && !state.stopping) {
        state.crashes.push(`${place.name} ended with ${code ?? signal}:\n${quarry.output().slice(-2_000)}`)
      }
      if (!state.stopping && !place.closed && plan.restarts !== false) return liveAgain(place)
    })
  }
  const liveAgain = (place: Place): Promise<void> =>
    live(place).catch((error: unknown) => {
      state.crashes.push(`${place.name} did not start again: ${error}`)
    })
  const members = () => places.flatMap(({ member }) => (member === null ? [] : [member]))
  const stop = async (): Promise<readonly Ended[]> => {
    state.stopping = true
    // A process that is being started is waited for, and then ended.
    await Promise.all(places.map(({ member, life }) => (member === null ? life : undefined)))
    return Promise.all(members().map(({ quarry }) => quarry.stop()))
  }
  try {
    await Promise.all(places.map(live))
  } catch (error) {
    await stop()
    throw error
  }
  const ready = async (): Promise<void> => {
    for (const place of places) {
      await until(`${place.name} is ready`, async () => {
        if (state.crashes.length > 0) throw new Error(state.crashes.join('\n'))
        // Asked anew each time: it may be told to end meanwhile, and another takes its place.
        const { member } = place
        return member !== null && !state.told.has(member) && member.quarry.isReady()
      })
    }
  }
  const end = (member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended> => {
    state.told.add(member)
    member.quarry.signal(signal)
    return member.quarry.ended
  }
  return {
    running: () => members().filter((member) => !state.told.has(member)),
    ready,
    end,
    async scale(roles, count) {
      const own = places.filter((place) => place.roles === roles)
      const closing = own.slice(count)
      for (const place of closing) place.closed = true
      const opening = Array.from({ length: Math.max(0, count - own.length) }, (_, index) =>
        openPlace(roles, own.length + index + 1),
      )
      places = [...places.filter((place) => !place.closed), ...opening]
      await Promise.all(opening.map(live))
      const ending = closing.flatMap(({ member }) => (member === null ? [] : [end(member, 'SIGTERM')]))
      const ended = await Promise.all(ending)
      await ready()
      return ended
    },
    crashes: state.crashes,
    stop,
  }
}
