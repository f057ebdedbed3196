// What a scenario is, and what is seen of one run of it. Types only.
import type { SimSettings } from '../../sim/sim.ts'
import type { Bound, Figures } from '../report/figure.ts'
import type { Instance, Load } from '../rig/instances.ts'
import type { LanesFile } from '../rig/quarry-settings.ts'
import type { Grant, Window } from './measures.ts'

/** What a figure must be. */
export interface Goal extends Bound {
  readonly figure: string
}

export type Scale = 'full' | 'quick'

export interface Scenario {
  readonly name: string
  /** For people, with its conditions. */
  readonly title: string
  readonly plan: (scale: Scale, names: Names) => Plan
  /** Figures besides those of every run. */
  readonly figures?: (seen: Observation) => Figures
  readonly goals: readonly Goal[]
  /** Figures shown besides those with goals. */
  readonly shown: readonly string[]
}

/** Names that no other run has, so that no run meets what an earlier one has left. */
export interface Names {
  /** A model, as the stand-in's scripts know it; its quota is of this run alone. */
  model(base: string): string
  /** A BPMN process. */
  process(name: string): string
}

/** How a run goes. Seconds are from its first call. */
export interface Plan {
  /** Worker processes. */
  readonly workers: number
  /** How long it is; the end of what is measured. */
  readonly seconds: number
  /** What comes before is not measured. */
  readonly warmUpSeconds: number
  /** How long a call may take: those that came in time are waited for. */
  readonly callSeconds: number
  /** Whether it goes on until every instance has ended. @default false */
  readonly drains?: boolean
  readonly standIn: Partial<SimSettings>
  /** What happens to the stand-in meanwhile. */
  readonly changes?: readonly { readonly atSeconds: number; readonly settings: Partial<SimSettings> }[]
  readonly loads: readonly Load[]
  /** What Quarry is told, the content of its file of lanes; the others cannot be told anything. */
  readonly lanes: LanesFile
  /** The quota whose use is measured; left out where none is scarce. */
  readonly quota?: MeasuredQuota
}

export interface MeasuredQuota {
  readonly model: string
  readonly unit: 'requests' | 'tokens'
  readonly grants: readonly { readonly atSeconds: number; readonly perMinute: number }[]
}

/** A call as the stand-in's log has it. */
export interface Call {
  readonly atMs: number
  readonly model: string
  readonly region: string
  readonly status: number
  /** Of its answer, 0 where it is none. */
  readonly tokens: number
  /** The first word of its prompt; empty unless bodies are recorded. */
  readonly mark: string
}

/** All that was seen of a run. */
export interface Observation {
  readonly plan: Plan
  readonly names: Names
  /** Of the first call. */
  readonly startedAtMs: number
  /** What is measured: from the warm-up's end to the end of the run, or to the last call if the work ended before. */
  readonly window: Window
  /** Of the measured quota, as it was in force. */
  readonly grants: readonly Grant[]
  /** When each change of the plan took effect. */
  readonly changedAtMs: readonly number[]
  readonly calls: readonly Call[]
  readonly instances: readonly Instance[]
  /** Until when instances were watched. */
  readonly seenUntilMs: number
  readonly cpuSeconds: number | null
}
