// Folds the chunks of InvokeModelWithResponseStream to the answer of a Nova model. Each is an event of ConverseStream under its name, and the answer
// has the form of Converse's (https://docs.aws.amazon.com/nova/latest/nova2-userguide/streaming-responses.html,
// https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema-response.html). Pure.
import { isJsonObject, type JsonObject } from '../job/json.ts'
import { foldConverseStream, type StreamEvent } from './fold-converse-stream.ts'
import { addedByBedrock, chunksOf, ownMembers } from './invoke-chunks.ts'

/** The answer; null for a stream that ended before `messageStop`. What Bedrock adds to chunks (`amazon-bedrock-…`) is kept. */
export function foldNovaStream(events: readonly StreamEvent[]): JsonObject | null {
  const folded = foldConverseStream(novaEvents(events))
  return folded && { ...folded, ...addedByBedrock(chunksOf(events)) }
}

/** The events of ConverseStream that the chunks are. */
export function novaEvents(events: readonly StreamEvent[]): StreamEvent[] {
  return chunksOf(events).flatMap((chunk) =>
    Object.entries(ownMembers(chunk)).map(([type, payload]) => ({
      type,
      payload: isJsonObject(payload) ? payload : {},
    })),
  )
}
