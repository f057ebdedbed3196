// What a task wants of a call besides the request itself. Pure.
import type { JsonObject, JsonValue } from '../job/json.ts'
import { textList } from './text-list.ts'

export interface CallOptions {
  /** The result is an object with everything, instead of the stock connector's. */
  readonly resultDetails: boolean
  /** Stop reasons and names of AWS's errors that become BPMN errors. */
  readonly bpmnErrors: readonly string[]
  /** Null: by the lane's rule, then by the model. */
  readonly streaming: boolean | null
  /** When an answer becomes a Camunda document in place of a variable. */
  readonly answerDocument: 'never' | 'large' | 'always'
}

/** Those of a task that sets nothing that the stock connector has not. */
export const STOCK_OPTIONS: CallOptions = {
  resultDetails: false,
  bpmnErrors: [],
  streaming: null,
  answerDocument: 'never',
}

/** Names of the inputs that are no part of a request. */
export const OPTION_INPUTS = Object.keys(STOCK_OPTIONS)

/** @param own - inputs that {@link inputFaults} found right. */
export function callOptions(own: JsonObject): CallOptions {
  const { bpmnErrors, answerDocument } = own
  return {
    resultDetails: flag(own['resultDetails']) ?? false,
    bpmnErrors: textList(bpmnErrors ?? []) ?? [],
    streaming: flag(own['streaming']),
    answerDocument: answerDocument === 'large' || answerDocument === 'always' ? answerDocument : 'never',
  }
}

/** A text counts too: a template's field may give one. */
function flag(value: JsonValue | undefined): boolean | null {
  return value === undefined ? null : value === true || value === 'true'
}
