// What describes an input of a task: its name, what its value may be, and its field in the element template. The binding checks values by
// it, and the templates are generated from it (`npm run templates`), so that the two cannot disagree. Plain data.

export const ACTIONS = [
  'converse',
  'invokeModel',
  'countTokens',
  'applyGuardrail',
  'invokeGuardrailChecks',
] as const
export type ActionName = (typeof ACTIONS)[number]

/** One form that the value of an input may have. Absent, null and blank values are never sent, and need no check. */
export type InputKind =
  /** Texts, booleans, lists, objects of any content; `json` is any of them, and numbers. */
  | { readonly kind: 'text' | 'boolean' | 'list' | 'object' | 'json' }
  | { readonly kind: 'integer' | 'number'; readonly min?: number; readonly max?: number }
  /** A text of these. */
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** A list of texts of these; with `others` of any text, and these are only suggestions. */
  | { readonly kind: 'choices'; readonly values: readonly string[]; readonly others?: true }

export interface Input {
  /** The target of its input mapping: `data.system`. */
  readonly name: string
  /** The actions that have it. @default all of them */
  readonly actions?: readonly ActionName[]
  /** Its value has one of these forms. */
  readonly kinds: readonly [InputKind, ...InputKind[]]
  /** The stock connector has it too, and Quarry binds it by Jackson's rules. */
  readonly stock?: true
  /** How the element template asks for it; absent: only its members have fields, such as `data.toolConfig.tools`. */
  readonly field?: TemplateField
}

/** Groups of fields, in their order in the properties panel. */
export const GROUPS = {
  call: { label: 'Call', open: true },
  content: { label: 'What is sent', open: true },
  result: { label: 'Result', open: true },
  model: { label: 'System prompt and model settings' },
  conversation: { label: 'History, documents and media' },
  tools: { label: 'Tools' },
  schema: { label: 'Structured output' },
  cache: { label: 'Prompt cache' },
  guardrail: { label: 'Guardrail' },
  format: { label: 'Formats' },
  service: { label: 'Service tier, speed and streaming' },
  request: { label: 'Metadata and other request fields' },
  details: { label: 'Result in detail' },
  errors: { label: 'Errors' },
  waiting: { label: 'Waiting and retries' },
  credentials: { label: 'Credentials and endpoint' },
} as const satisfies Record<string, { label: string; open?: true }>
export type GroupName = keyof typeof GROUPS

export interface TemplateField {
  readonly group: GroupName
  readonly label: string
  readonly description?: string
  /** An example, which an empty field shows; the panel shows an equals sign before a field that takes only FEEL. */
  readonly placeholder?: string
  /** What a new task has. */
  readonly value?: string
  /** The modeler marks the field while it is empty. */
  readonly required?: true
  /** The field is a dropdown of these. A key is what the diagram has: a text, or FEEL that gives a value. */
  readonly choices?: Readonly<Record<string, string>>
  /** What an empty dropdown means. */
  readonly unset?: string
  /** The field is shown only while another input has one of these values in the diagram. */
  readonly shownFor?: { readonly name: string; readonly values: readonly string[] }
  /** A text of several lines. */
  readonly long?: true
}

export const TEXT = { kind: 'text' } as const
export const BOOLEAN = { kind: 'boolean' } as const
export const LIST = { kind: 'list' } as const
export const OBJECT = { kind: 'object' } as const
export const JSON_VALUE = { kind: 'json' } as const
