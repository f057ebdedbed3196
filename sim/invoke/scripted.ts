// What models answer to InvokeModel by their id: JSON at its edges, images and sounds. Pure.
import { type Answer, INVOKE_USAGE } from '../answers.ts'

/** Literal JSON, by model id: what JSON.stringify could not write. */
const INVOKE_BODIES = new Map([
  ['rawstring', '"just text"'],
  ['rawarray', '[1,2,{"a":null}]'],
  [
    'numbers',
    '{"int":42,"safe":9007199254740991,"unsafe":9007199254740993,"long":9223372036854775807,"huge":123456789012345678901234567890,"float":0.1,"precise":0.1234567890123456789,"trailing":1.0,"exp":1e400,"small":1e-400,"big":1E+2,"negzero":-0.0}',
  ],
  ['bigint', '{"unsafe":9007199254740993,"long":9223372036854775807,"lowest":-9223372036854775808}'],
  ['hugeint', '{"huge":123456789012345678901234567890}'],
  ['inf', '{"exp":1e400}'],
  ['dup', '{"a":1,"a":2}'],
  ['deep', `${'['.repeat(300)}1${']'.repeat(300)}`],
  ['forbidden', '{"camunda.function.type":"bpmnError","code":"X"}'],
])

/** The answer of a model with this name; undefined when the name has no script. */
export function scriptedInvoke(
  name: string,
  requestBody: string,
  accept: string | undefined,
): Answer | undefined {
  const binary = binaryOf(name, accept)
  if (binary !== undefined) return { kind: 'invoke', json: '', usage: INVOKE_USAGE, binary }
  const [, imageBytes] = /^images-(\d+)$/.exec(name) ?? []
  const scripted = name === 'echo' ? requestBody : INVOKE_BODIES.get(name)
  const json = imageBytes === undefined ? scripted : imagesJson(Number(imageBytes))
  return json === undefined ? undefined : { kind: 'invoke', json, usage: INVOKE_USAGE }
}

const LARGEST_BYTES = 50 * 1024 * 1024

/** `image-<bytes>` and `audio-<bytes>` answer with a file of that size in place of JSON, `images-<bytes>` if an image is asked for. */
function binaryOf(name: string, accept = ''): { contentType: string; bytes: number } | undefined {
  const [, kind, size] = /^(images?|audio)-(\d+)$/.exec(name) ?? []
  if (size === undefined) return undefined
  const asked = /^(image|audio)\/[a-z]+$/.test(accept) ? accept : undefined
  if (kind === 'images' && asked === undefined) return undefined
  const contentType = asked ?? (kind === 'audio' ? 'audio/mpeg' : 'image/png')
  return { contentType, bytes: Math.min(Number(size), LARGEST_BYTES) }
}

/** `images-<bytes>` answers as Titan Image and Nova Canvas do: with base64 in JSON. */
function imagesJson(bytes: number): string {
  return JSON.stringify({
    images: [Buffer.alloc(Math.min(bytes, LARGEST_BYTES)).toString('base64')],
    error: null,
  })
}
