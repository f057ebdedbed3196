// Settings of documents: where they may come from, how large they may be, how they become blocks.
// A part of the schema in settings.ts; reads nothing.
import { z } from 'zod'
import { optionalSetting, setting } from './setting.ts'
import { choice, duration, list, textLike, wholeNumber, yesOrNo } from './setting-types.ts'

const MIB = 1024 * 1024
const BY_COMPATIBILITY = 'Unset: true, but false with QUARRY_COMPATIBILITY=8.8.'

const HOST = 'a host such as files.example.com, files.example.com:8443, *.internal.example.com or [fd00::1]'

const allowedHost = () =>
  textLike(/^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:[1-9]\d{0,4})?$/i, HOST).refine(
    (value) => URL.canParse(`http://${value.replace('*.', '')}`),
    { error: HOST },
  )

const bytes = () => wholeNumber({ minimum: 1, maximum: 64 * 1024 * MIB })

function onByCompatibility(environment: string, doc: string) {
  return optionalSetting(choice(['true', 'false']), {
    environment: [environment],
    doc: `${doc} ${BY_COMPATIBILITY}`,
    example: 'false',
  })
}

/** How documents are fetched and sent. */
export const documentSettings = z.strictObject({
  allowHosts: setting(list(allowedHost()), {
    environment: ['QUARRY_DOCUMENT_ALLOW_HOSTS'],
    doc: 'Hosts with private addresses that documents may be fetched from by URL; hosts on the internet need no entry.',
    example: 'files.example.com,*.internal.example.com',
    default: '',
  }),
  proxyTrusted: setting(yesOrNo(), {
    environment: ['QUARRY_DOCUMENT_PROXY_TRUSTED'],
    doc: 'Whether a proxy for documents (`documentProxy`) resolves names itself; it must then block private addresses. Otherwise this process resolves names, uses the proxy for public addresses only, and passes it the address for `https:`.',
    example: 'true',
    default: 'false',
  }),
  maxBytes: setting(bytes(), {
    environment: ['QUARRY_DOCUMENT_MAX_BYTES'],
    doc: 'Longest content of one document, in bytes.',
    example: '52428800',
    default: String(50 * MIB),
  }),
  maxJobBytes: setting(bytes(), {
    environment: ['QUARRY_JOB_DOCUMENTS_MAX_BYTES'],
    doc: 'Longest contents of all documents of one job together, in bytes.',
    example: '104857600',
    default: String(100 * MIB),
  }),
  memoryBytes: setting(bytes(), {
    environment: ['QUARRY_DOCUMENT_MEMORY'],
    doc: 'Most contents of documents that a process holds at a time, in bytes; further jobs with documents wait. One job alone may exceed it. Sending a document takes about three times its size. Long answers of models that are stored as documents may take as much again.',
    example: '536870912',
    default: String(256 * MIB),
  }),
  timeoutMs: setting(duration(), {
    environment: ['QUARRY_DOCUMENT_TIMEOUT'],
    doc: 'Longest time to fetch one document.',
    example: 'PT30S',
    default: 'PT30S',
  }),
  rescue: setting(choice(['true', 'false']), {
    environment: ['QUARRY_DOCUMENT_RESCUE'],
    doc: 'Whether documents that an engine lost between the fields of element template 4 or later are taken from those fields.',
    example: 'true',
    default: 'false',
  }),
  typeAliases: onByCompatibility(
    'QUARRY_DOCUMENT_TYPE_ALIASES',
    'Whether jpg, htm and markdown count as jpeg, html and md.',
  ),
  anyTypeCase: onByCompatibility(
    'QUARRY_DOCUMENT_TYPE_CASE',
    'Whether the ending of a file name counts in any letter case.',
  ),
  sanitizeNames: onByCompatibility(
    'QUARRY_DOCUMENT_SANITIZE_NAMES',
    'Whether names that Bedrock refuses are changed to ones it takes.',
  ),
  uniqueNames: onByCompatibility(
    'QUARRY_DOCUMENT_UNIQUE_NAMES',
    'Whether a second document of the same name gets a number, as Bedrock refuses two.',
  ),
})
