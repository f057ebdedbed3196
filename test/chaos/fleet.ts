// Real `quarry start` processes that are started again when they end, as Kubernetes would. Each life of a process
// signs its calls with an access key of its own, so that the stand-in can tell whose a call was.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ended, environment, type QuarryProcess, startQuarryProcess } from '../flow/quarry-process.ts'

/** A running process. */
export interface Member {
  /** Its place in the fleet, `adapter-1`. */
  readonly name: string
  readonly roles: string
  readonly accessKey: string
  readonly quarry: QuarryProcess
}

export interface Fleet {
  /** Those that have started and were not told to end. */
  running(): readonly Member[]
  /** Waits until every place has a process that is ready. */
  ready(): Promise<void>
  /** Ends one as `signal` does, and waits for its end; another takes its place. */
  end(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended>
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
  lives: number
  member: Member | null
  life: Promise<void>
}

/** Starts all places; they need not be ready yet. */
export async function startFleet(plan: FleetPlan): Promise<Fleet> {
  const state = { stopping: false, told: new Set<Member>(), crashes: [] as string[] }
  const places = Object.entries(plan.places).flatMap(([roles, count]) =>
    Array.from({ length: count }, (_, index): Place => {
      const name = `${roles.replaceAll(',', '-')}-${index + 1}`
      return { name, roles, lives: 0, member: null, life: Promise.resolve() }
    }),
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
      if (!state.stopping && plan.restarts !== false) return liveAgain(place)
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
  return {
    running: () => members().filter((member) => !state.told.has(member)),
    async ready() {
      for (const place of places) {
        while (place.member === null || state.told.has(place.member)) {
          if (state.crashes.length > 0) throw new Error(state.crashes.join('\n'))
          await sleep(50)
        }
        await place.member.quarry.ready()
      }
    },
    end(member, signal) {
      state.told.add(member)
      member.quarry.signal(signal)
      return member.quarry.ended
    },
    crashes: state.crashes,
    stop,
  }
}
