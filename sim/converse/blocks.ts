// The shapes of Converse's content blocks, all kinds of them.
import {
  anything,
  boolean,
  type Check,
  list,
  number,
  object,
  oneOf,
  structure,
  text,
  union,
} from './shapes.ts'

const TOOL_USE_ID = text({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ })
const BASE64 = text({ min: 1, pattern: /^[A-Za-z0-9+/]+={0,2}$/ })
const IMAGE_FORMATS = ['png', 'jpeg', 'gif', 'webp']
const DOCUMENT_FORMATS = ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']
const VIDEO_FORMATS = ['mkv', 'mov', 'mp4', 'webm', 'flv', 'mpeg', 'mpg', 'wmv', 'three_gp']
const AUDIO_FORMATS = [
  ...[
    'mp3',
    'opus',
    'wav',
    'aac',
    'flac',
    'mp4',
    'ogg',
    'mkv',
    'mka',
    'x-aac',
    'm4a',
    'mpeg',
    'mpga',
    'pcm',
    'webm',
  ],
]

const s3Location = structure({ uri: text({ min: 1, pattern: /^s3:\/\// }), 'bucketOwner?': text() })
const file = { bytes: BASE64, s3Location }
const texts = list(structure({ text: text() }))
const citationsConfig = structure({ enabled: boolean })
const errorBlock = structure({ 'message?': text() })

const image = structure({
  format: oneOf(...IMAGE_FORMATS),
  source: union('ImageSource', file),
  'error?': errorBlock,
})
const document = structure({
  'format?': oneOf(...DOCUMENT_FORMATS),
  name: text({ min: 1, max: 200 }),
  source: union('DocumentSource', { ...file, text: text({ min: 1 }), content: texts }),
  'context?': text({ min: 1 }),
  'citations?': citationsConfig,
})
const video = structure({ format: oneOf(...VIDEO_FORMATS), source: union('VideoSource', file) })
const audio = structure({
  format: oneOf(...AUDIO_FORMATS),
  source: union('AudioSource', file),
  'error?': errorBlock,
})
const searchResult = structure({
  source: text(),
  title: text(),
  content: texts,
  'citations?': citationsConfig,
})

/** A cache point. */
export const cachePoint = structure({ type: oneOf('default'), 'ttl?': oneOf('5m', '1h') })

/** Content for a guardrail. */
export const guardContent = union('GuardrailConverseContentBlock', {
  text: structure({ text: text(), 'qualifiers?': list(oneOf('grounding_source', 'query', 'guard_content')) }),
  image: structure({
    format: oneOf('png', 'jpeg'),
    source: union('GuardrailConverseImageSource', { bytes: BASE64 }),
  }),
})

const span = (index: string) =>
  structure({ [`${index}?`]: number(0), 'start?': number(0), 'end?': number(0) })
const location = union('CitationLocation', {
  web: structure({ 'url?': text(), 'domain?': text() }),
  documentChar: span('documentIndex'),
  documentPage: span('documentIndex'),
  documentChunk: span('documentIndex'),
  searchResultLocation: span('searchResultIndex'),
})
const citationsContent = structure({
  'content?': texts,
  'citations?': list(
    structure({ 'title?': text(), 'source?': text(), 'sourceContent?': texts, 'location?': location }),
  ),
})

const toolReference = structure({
  tool: structure({ 'type?': text(), 'name?': text(), 'serverName?': text() }),
})

/** The check of a content block; `allowUnknown` accepts kinds that are not known yet. */
export function contentBlock(allowUnknown: boolean): Check {
  const result = union(
    'ToolResultContentBlock',
    { json: anything, text: text(), image, document, video, searchResult },
    allowUnknown,
  )
  return union(
    'ContentBlock',
    {
      text: text(),
      image,
      document,
      video,
      audio,
      toolUse: structure({
        toolUseId: TOOL_USE_ID,
        name: text({ min: 1, max: 64 }),
        input: object,
        'type?': oneOf('server_tool_use'),
      }),
      toolResult: structure({
        toolUseId: TOOL_USE_ID,
        content: list(result),
        'status?': oneOf('success', 'error'),
        'type?': text(),
      }),
      guardContent,
      cachePoint,
      reasoningContent: union('ReasoningContentBlock', {
        reasoningText: structure({ text: text(), 'signature?': text() }),
        redactedContent: BASE64,
      }),
      citationsContent,
      searchResult,
      toolAddition: toolReference,
      toolRemoval: toolReference,
    },
    allowUnknown,
  )
}
