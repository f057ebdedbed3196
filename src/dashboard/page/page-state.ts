// What the page knows, what it can do, and the shapes that its modules hand each other. Types only: it is not served.
import type { JobView } from '../../control/job-view.ts'
import type { WishedFigures } from '../../lanes/lane-wishes.ts'
import type { AuditAnswer, JobsAnswer, LanesAnswer, MeAnswer } from '../answers.ts'
import type { History } from '../lane-history.ts'
import type { LaneLine } from '../lane-line.ts'
import type { TemplateResult } from './lit-html/lit-html.js'

export type Html = TemplateResult

/** What is known; null where nothing was read yet. */
export interface PageState extends LanesAnswer {
  me: MeAnswer | null
  /** When Redis was read, ms since the epoch by the clock there. */
  readAtMs: number | null
  history: History | null
  audit: AuditAnswer['entries'] | null
  /** Of the lane that is shown. */
  jobs: JobsAnswer['jobs'] | null
  /** Why they cannot be read. */
  jobsProblem: string | null
  /** The one that is shown. */
  job: JobView | null
  jobProblem: string | null
  /** Why nothing can be read. */
  problem: string | null
  route: Route
  view: TableView
  /** `light`, `dark`, or empty for the system's. */
  theme: string
  /** In the dialog. */
  asked: Asked | null
  /** What came of the last change, for a while. */
  said: string
  /** By the clock there. */
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
}

/** What people can do. */
export interface Act {
  see(view: Partial<TableView>): void
  say(said: string): void
  ask(question: Question): void
  confirm(values: Figures): Promise<void>
  /** Says why what was typed cannot be. */
  refuse(problem: string): void
  close(): void
  closed(): void
  lookUp(key: string): void
  theme(theme: string): void
}

/** What an operator may do to a lane. */
export interface LaneChange {
  readonly label: string
  /** Why it would change nothing; null when it would. */
  idle(lane: LaneLine): string | null
  question(lane: LaneLine): Question
}

/** Says what will happen, before it does. */
export interface Question {
  readonly title: string
  readonly text: readonly string[]
  /** Figures that are asked for. */
  readonly fields?: readonly Field[]
  readonly confirm: string
  /** Does it; resolves to what came of it. */
  run(values: Figures): Promise<string>
}

export interface Asked {
  readonly question: Question
  readonly busy: boolean
  readonly problem: string | null
}

/** Null gives one back to the quota. */
export type Figures = { -readonly [name in keyof WishedFigures]?: WishedFigures[name] }

export interface Field {
  readonly name: keyof Figures
  readonly label: string
  readonly hint: string
  readonly value: string
}

/** Of the table of lanes. */
export interface Column {
  readonly id: string
  readonly title: string
  /** Numbers stand at the right, and sort the largest first. */
  readonly number?: boolean
  /** What it is sorted by; without, it does not sort. */
  key?(lane: LaneLine): string | number
  cell(lane: LaneLine, state: Pick<PageState, 'history'>): unknown
}

/** One value a sample, the newest last; null where there was none. */
export type Samples = readonly (number | null)[]

/** `x`, `y` */
export type Point = readonly [number, number]
