// What an operator says of lanes, as data: quotas, weights, routes, budgets and what they need to know. It is read from a file that may change while
// Quarry runs (QUARRY_LANES_FILE); in each list the first entry that fits counts, of budgets every one. Types only.

/** BPMN error of a budget that is used up and names none. */
export const BUDGET_ERROR_CODE = 'QUARRY_BUDGET_EXCEEDED'

/** What AWS grants a lane. Patterns may hold `*`; an absent one fits everything, an absent figure says nothing. */
export interface QuotaRule {
  readonly account?: string | undefined
  /** Accounts that `account` fits by their names. */
  readonly accountIds?: readonly string[] | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
  readonly requestsPerMinute?: number | undefined
  /** Input and output tokens together, as AWS counts them. */
  readonly tokensPerMinute?: number | undefined
  /** Calls in flight, of all workers together. */
  readonly concurrency?: number | undefined
  /** Seconds of quota that AWS lets be used at once. @default 1 */
  readonly burstSeconds?: number | undefined
}

/**
 * A share while others wait too: of a lane, for a tenant; or, where the rule names a process, of what is its tenant's.
 */
export interface WeightRule {
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
  /** More than 0. What no rule fits weighs 1. */
  readonly weight: number
}

/** Where the jobs of a lane may go besides. */
export interface RouteRule {
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** In order of preference, or by weight. What is absent is as in the lane. */
  readonly to: readonly RouteTarget[]
  /** How long a job waits for its own lane before it goes elsewhere, ms. */
  readonly spillAfterMs: number
}

export interface RouteTarget {
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** More than 0; targets with weights share what spills over. Absent: strictly in order. */
  readonly weight?: number | undefined
}

/** What may be spent in a period. */
export interface BudgetRule {
  /** Names it in metrics, logs and messages; unique. */
  readonly name: string
  readonly tenant?: string | undefined
  readonly process?: string | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** Each of them has the budget for itself, a process within its tenant; absent: all that fits shares it. */
  readonly per?: 'tenant' | 'process' | 'lane' | undefined
  readonly period: 'hour' | 'day' | 'month'
  /** Input and output tokens together. Either this or `usd`. */
  readonly tokens?: number | undefined
  readonly usd?: number | undefined
  /**
   * When it is used up: `alert` tells and goes on, `wait` lets jobs wait for the next period, `fail` ends them with
   * the BPMN error {@link BudgetRule.errorCode}.
   */
  readonly action: 'alert' | 'wait' | 'fail'
  /** @default QUARRY_BUDGET_EXCEEDED */
  readonly errorCode?: string | undefined
}

/** What a tenant's diagrams and variables may say of how urgent their jobs are. */
export interface PriorityRule {
  readonly tenant?: string | undefined
  /** The highest factor; a higher one counts as this. @default 1000 */
  readonly most?: number | undefined
  /** Whether the variable `quarry.priority` counts, or the task header alone. @default true */
  readonly fromVariables?: boolean | undefined
}

/** The model behind an inference profile whose name does not tell it. */
export interface ProfileRule {
  /** Pattern of the profile's id or ARN, as diagrams name it. */
  readonly profile: string
  /** Id of the model, for its price, its rate of burndown, its most output tokens, and for rules that name models. */
  readonly model: string
}

/**
 * What becomes of calls to models without a price that count to a budget in dollars: they count nothing, they are not made,
 * or they count this, in US dollars for a million tokens.
 */
export type UnpricedRule = 'count nothing' | 'refuse' | { readonly input: number; readonly output: number }

/** An AWS account, as people call it. */
export interface AccountRule {
  /** Twelve digits, or `default` for the account of Quarry's own credentials. */
  readonly id: string
  readonly name?: string | undefined
  /** Keys of this account that nobody asks AWS about, or whose account AWS cannot be asked for. */
  readonly accessKeys?: readonly string[] | undefined
}

/** Lanes that jobs may name. Patterns may hold `*`; an absent one fits everything. */
export interface AllowRule {
  readonly tenant?: string | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
}

export interface LaneRules {
  /** Jobs whose tenant, region and model fit no entry fail; absent: everything is allowed. */
  readonly allow?: readonly AllowRule[] | undefined
  readonly accounts?: readonly AccountRule[] | undefined
  readonly quotas: readonly QuotaRule[]
  readonly weights: readonly WeightRule[]
  readonly routes: readonly RouteRule[]
  readonly budgets: readonly BudgetRule[]
  /** The first that fits counts. @default none */
  readonly priorities?: readonly PriorityRule[] | undefined
  /** @default none */
  readonly profiles?: readonly ProfileRule[] | undefined
  /** @default count nothing */
  readonly unpriced?: UnpricedRule | undefined
}
