// The rules of QUARRY_LANES_FILE, which may change while Quarry runs: quotas, weights, routes, budgets and names. In each list the first
// matching entry counts; of budgets every one. Types only.

/** BPMN error of a used-up budget without an error code of its own. */
export const BUDGET_ERROR_CODE = 'QUARRY_BUDGET_EXCEEDED'

/** What AWS grants a lane. Patterns may contain `*`; an absent pattern matches everything, an absent figure sets no limit. */
export interface QuotaRule {
  readonly account?: string | undefined
  /** Accounts whose names match `account`. */
  readonly accountIds?: readonly string[] | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
  readonly requestsPerMinute?: number | undefined
  /** Input and output tokens together, as AWS counts them. */
  readonly tokensPerMinute?: number | undefined
  /** Calls in flight, of all workers together. */
  readonly concurrency?: number | undefined
  /** Seconds of quota that AWS allows at once. @default 1 */
  readonly burstSeconds?: number | undefined
}

/**
 * A share while others wait too: of a tenant in a lane, or, if the rule names a process, of the process within its tenant.
 */
export interface WeightRule {
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
  /** More than 0. Without a matching rule the weight is 1. */
  readonly weight: number
}

/** Cache points for the beginning that calls of a flow share. */
export interface CachingRule {
  readonly region?: string | undefined
  readonly model?: string | undefined
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
  /** How long Bedrock keeps what it wrote. @default Bedrock's own, five minutes */
  readonly ttl?: '5m' | '1h' | undefined
  /** No cache points, whatever later entries say. */
  readonly off?: boolean | undefined
}

/** Calls that are sent as streams, unless their task decides. */
export interface StreamingRule {
  readonly region?: string | undefined
  readonly model?: string | undefined
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
  /** No streams, whatever later entries say. */
  readonly off?: boolean | undefined
}

/** Other lanes to which a lane's jobs may spill over. */
export interface RouteRule {
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** In order of preference, or by weight. Absent fields are as in the lane. */
  readonly to: readonly RouteTarget[]
  /** How long a job waits for its own lane before it goes elsewhere, ms. */
  readonly spillAfterMs: number
}

export interface RouteTarget {
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** More than 0; targets with weights share the spilled jobs. Absent: strictly in order. */
  readonly weight?: number | undefined
}

/** What may be spent in a period. */
export interface BudgetRule {
  /** Unique name for metrics, logs and messages. */
  readonly name: string
  readonly tenant?: string | undefined
  readonly process?: string | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
  /** Each of these has a budget of its own, a process within its tenant; absent: all matching jobs share it. */
  readonly per?: 'tenant' | 'process' | 'lane' | undefined
  readonly period: 'hour' | 'day' | 'month'
  /** Input and output tokens together. Either this or `usd`. */
  readonly tokens?: number | undefined
  readonly usd?: number | undefined
  /**
   * When it is used up: `alert` reports it and goes on, `wait` delays jobs until the next period, `fail` ends them with the BPMN error
   * {@link BudgetRule.errorCode}.
   */
  readonly action: 'alert' | 'wait' | 'fail'
  /** @default QUARRY_BUDGET_EXCEEDED */
  readonly errorCode?: string | undefined
}

/** Limits on the priorities that a tenant's diagrams and variables may set. */
export interface PriorityRule {
  readonly tenant?: string | undefined
  /** The highest factor; higher ones are lowered to it. @default 1000 */
  readonly most?: number | undefined
  /** Whether the variable `quarry.priority` counts, or the task header alone. @default true */
  readonly fromVariables?: boolean | undefined
}

/** The model behind an inference profile whose name does not contain it. */
export interface ProfileRule {
  /** Pattern of the profile's id or ARN in diagrams. */
  readonly profile: string
  /** Id of the model, for its price, its rate of burndown, its most output tokens, and for rules that name models. */
  readonly model: string
}

/**
 * How calls to models without a price count to budgets in dollars: as nothing, not at all since they are refused, or at this price in US
 * dollars for a million tokens.
 */
export type UnpricedRule = 'count nothing' | 'refuse' | { readonly input: number; readonly output: number }

/** An AWS account and its name for people. */
export interface AccountRule {
  /** Twelve digits, or `default` for the account of Quarry's own credentials. */
  readonly id: string
  readonly name?: string | undefined
  /** Access keys of this account, for installations that do not or cannot ask AWS STS. */
  readonly accessKeys?: readonly string[] | undefined
  /** Bedrock API keys of this account, by the names that their lanes have without this entry: `api-key-1a2b3c4d5e6f`. */
  readonly apiKeys?: readonly string[] | undefined
}

/**
 * The credentials of jobs that name none; the first matching rule counts. Exactly one of `role`, `profile`, `webIdentity`, `apiKey` and `own`.
 */
export interface CredentialRule {
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
  /** The region that the task names. */
  readonly region?: string | undefined
  /** Whether it also applies to tasks that name credentials. @default false */
  readonly overTask?: boolean | undefined
  /** Assumed with the worker's own credentials. */
  readonly role?: RoleRule | undefined
  /** A profile of the worker's AWS configuration. */
  readonly profile?: string | undefined
  readonly webIdentity?: WebIdentityRule | undefined
  readonly apiKey?: ApiKeyRule | undefined
  /** The worker's own credentials. */
  readonly own?: boolean | undefined
}

export interface RoleRule {
  readonly roleArn: string
  readonly externalId?: string | undefined
  /** @default quarry */
  readonly sessionName?: string | undefined
  /** In the values, `{tenant}` and `{process}` stand for those of the job. */
  readonly sessionTags?: Readonly<Record<string, string>> | undefined
}

export interface WebIdentityRule {
  readonly roleArn: string
  readonly tokenFile: string
  /** @default quarry */
  readonly sessionName?: string | undefined
}

/** Either the name of an environment variable of the worker, or a file. Never the key itself. */
export interface ApiKeyRule {
  readonly env?: string | undefined
  readonly file?: string | undefined
  /** The AWS account of the key, twelve digits or `default`. AWS tells nobody. */
  readonly account?: string | undefined
}

/** Roles that tasks may name to be assumed with the worker's own credentials. Without a matching entry: none. */
export interface TaskRoleRule {
  readonly tenant?: string | undefined
  readonly process?: string | undefined
  /** Pattern of the role's ARN. */
  readonly role: string
}

/** Lanes that jobs may name. Patterns may contain `*`; an absent one matches everything. */
export interface AllowRule {
  readonly tenant?: string | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
}

export interface LaneRules {
  /** Jobs whose tenant, region and model match no entry fail; absent: everything is allowed. */
  readonly allow?: readonly AllowRule[] | undefined
  readonly accounts?: readonly AccountRule[] | undefined
  readonly quotas: readonly QuotaRule[]
  readonly weights: readonly WeightRule[]
  readonly routes: readonly RouteRule[]
  readonly budgets: readonly BudgetRule[]
  /** The first matching one counts. @default none */
  readonly priorities?: readonly PriorityRule[] | undefined
  /** @default none */
  readonly profiles?: readonly ProfileRule[] | undefined
  /** @default count nothing */
  readonly unpriced?: UnpricedRule | undefined
  /** The first matching one counts. @default none */
  readonly caching?: readonly CachingRule[] | undefined
  /** The first matching one counts. @default by the model */
  readonly streaming?: readonly StreamingRule[] | undefined
  /** @default none: tasks that name no credentials use the worker's own */
  readonly credentials?: readonly CredentialRule[] | undefined
  /** @default none */
  readonly taskRoles?: readonly TaskRoleRule[] | undefined
}
