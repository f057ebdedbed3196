// The types of a scenario and of the observations of one run.
import type { SimSettings } from '../../sim/sim.ts'
import type { Bound, Figures } from '../report/figure.ts'
import type { Instance, Load } from '../rig/instances.ts'
import type { LanesFile } from '../rig/quarry-settings.ts'
import type { Grant, Window } from './measures.ts'

/** The goal of a figure. */
export interface Goal extends Bound {
  readonly figure: string
}

export type Scale = 'full' | 'quick'

export interface Scenario {
  readonly name: string
  /** Its description in the table, with its conditions. */
  readonly title: string
  readonly plan: (scale: Scale, names: Names) => Plan
  /** Figures in addition to those of every run. */
  readonly figures?: (seen: Observation) => Figures
  readonly goals: readonly Goal[]
  /** Figures shown besides those with goals. */
  readonly shown: readonly string[]
}

/** Names unique to the run, so that it meets nothing that an earlier run left. */
export interface Names {
  /** A model, as the stand-in's scripts know it; its quota is of this run alone. */
  model(base: string): string
  /** A BPMN process. */
  process(name: string): string
}

/** The plan of a run. Seconds count from its first call. */
export interface Plan {
  /** Worker processes. */
  readonly workers: number
  /** Its length, and the end of the window, s. */
  readonly seconds: number
  /** The start of the window, s. */
  readonly warmUpSeconds: number
  /** The longest call, for which the run waits at its end. */
  readonly callSeconds: number
  /** Whether the run lasts until every instance has ended. @default false */
  readonly drains?: boolean
  readonly standIn: Partial<SimSettings>
  /** Changes of the stand-in during the run. */
  readonly changes?: readonly { readonly atSeconds: number; readonly settings: Partial<SimSettings> }[]
  readonly loads: readonly Load[]
  /** The content of Quarry's lanes file; the other contenders have no such setting. */
  readonly lanes: LanesFile
  /** The quota whose use is measured; left out where none is scarce. */
  readonly quota?: MeasuredQuota
}

export interface MeasuredQuota {
  readonly model: string
  readonly unit: 'requests' | 'tokens'
  readonly grants: readonly { readonly atSeconds: number; readonly perMinute: number }[]
}

/** A call in the stand-in's log. */
export interface Call {
  readonly atMs: number
  readonly model: string
  readonly region: string
  readonly status: number
  /** Tokens of its answer; 0 without an answer. */
  readonly tokens: number
  /** The first word of its prompt; empty unless bodies are recorded. */
  readonly mark: string
}

/** All observations of a run. */
export interface Observation {
  readonly plan: Plan
  readonly names: Names
  /** The time of the first call. */
  readonly startedAtMs: number
  /** The window: from the end of the warm-up to the end of the run, or to the last call if the work ended before. */
  readonly window: Window
  /** The measured quota over time. */
  readonly grants: readonly Grant[]
  /** When each change of the plan took effect. */
  readonly changedAtMs: readonly number[]
  readonly calls: readonly Call[]
  readonly instances: readonly Instance[]
  /** The end of the observation of instances. */
  readonly seenUntilMs: number
  readonly cpuSeconds: number | null
}
