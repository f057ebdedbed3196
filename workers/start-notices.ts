// What an operator should know of how a process is set up, told once at its start.
import type { Logger } from 'pino'
import type { PayloadCodec } from '../src/job/payload-codec.ts'
import type { Settings } from '../src/settings/settings.ts'
import { secretNotices } from './secrets.ts'

const READABLE = {
  warning:
    'Prompts, answers and the credentials that diagrams hold lie in Redis as readable as in Zeebe, and whoever can write there says what is called and told: set QUARRY_PAYLOAD_KEY or QUARRY_PAYLOAD_KEY_FILE to encrypt them.',
}
const ACCEPTED = {
  warning:
    'QUARRY_PAYLOAD_PLAINTEXT=accept: whoever can write to Redis says what is called and told. Leave it out once quarry_payloads_old_total rises no more.',
}

/** @param payloads - undefined where the process puts none into Redis. */
export function tellNotices(log: Logger, settings: Settings, payloads: PayloadCodec | undefined): void {
  if (payloads?.encrypts === false) log.warn(READABLE, 'payloads are readable in Redis')
  if (payloads?.encrypts === true && settings.payloadPlaintext === 'accept')
    log.warn(ACCEPTED, 'payloads are taken unencrypted')
  for (const { level, message } of secretNotices(settings)) log[level](message)
}
