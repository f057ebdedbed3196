// The state of the page, its actions, and the types that its modules share. Types only: this file is not served.
import type { JobView } from '../../control/job-view.ts'
import type { OverridableFigures } from '../../lanes/lane-overrides.ts'
import type { AuditAnswer, JobsAnswer, LanesAnswer, MeAnswer } from '../answers.ts'
import type { History } from '../lane-history.ts'
import type { LaneLine } from '../lane-line.ts'
import type { TemplateResult } from './lit-html/lit-html.js'

export type Html = TemplateResult

/** Null where nothing was read yet. */
export interface PageState extends LanesAnswer {
  me: MeAnswer | null
  /** When Redis was read, ms since the epoch by the server's clock. */
  readAtMs: number | null
  history: History | null
  audit: AuditAnswer['entries'] | null
  /** Jobs of the lane that is shown. */
  jobs: JobsAnswer['jobs'] | null
  /** Why the jobs cannot be read. */
  jobsProblem: string | null
  /** The job that is shown. */
  job: JobView | null
  /** The jobs of the process instance whose key was looked up instead. */
  found: JobsAnswer['jobs'] | null
  jobProblem: string | null
  /** Why nothing can be read. */
  problem: string | null
  route: Route
  view: TableView
  /** `light`, `dark`, or empty for the system's theme. */
  theme: string
  /** What the dialog asks. */
  asked: Asked | null
  /** The result of the last change, for some seconds. */
  said: string
  /** By the server's clock. */
  nowMs: number
}

export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'lane'; readonly name: string }
  | { readonly page: 'job'; readonly key: string }

/** Which lanes the table shows, and in which order. */
export interface TableView {
  readonly text: string
  readonly state: string
  /** A column's id. */
  readonly by: string
  readonly down: boolean
  /** Whether idle lanes are shown, if there are many. */
  readonly idle: boolean
}

/** The actions of the page. */
export interface Act {
  see(view: Partial<TableView>): void
  say(said: string): void
  ask(question: Question): void
  confirm(values: Figures): Promise<void>
  /** Shows why an input is wrong. */
  refuse(problem: string): void
  close(): void
  closed(): void
  lookUp(key: string): void
  theme(theme: string): void
}

/** A change of a lane that operators may make. */
export interface LaneChange {
  readonly label: string
  /** Why it would change nothing; null when it would. */
  idle(lane: LaneLine): string | null
  question(lane: LaneLine): Question
}

/** Asks for confirmation, and states the consequences. */
export interface Question {
  readonly title: string
  readonly text: readonly string[]
  /** Inputs of the dialog. */
  readonly fields?: readonly Field[]
  readonly confirm: string
  /** Makes the change; resolves to a sentence with its result. */
  run(values: Figures): Promise<string>
}

export interface Asked {
  readonly question: Question
  readonly busy: boolean
  readonly problem: string | null
}

/** Null returns a figure to the quota. */
export type Figures = { -readonly [name in keyof OverridableFigures]?: OverridableFigures[name] }

export interface Field {
  readonly name: keyof Figures
  readonly label: string
  readonly hint: string
  readonly value: string
}

/** A column of the lane table. */
export interface Column {
  readonly id: string
  readonly title: string
  /** Numbers are aligned right, and sort the largest first. */
  readonly number?: boolean
  /** Sort key; a column without it does not sort. */
  key?(lane: LaneLine): string | number
  cell(lane: LaneLine, state: Pick<PageState, 'history'>): unknown
}

/** One value for each sample, the newest last; null where a sample has none. */
export type Samples = readonly (number | null)[]

/** `x`, `y` */
export type Point = readonly [number, number]
