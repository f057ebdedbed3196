// The payload keys, from the settings or from the file that they name.
import { readFileSync } from 'node:fs'
import { type PayloadKey, payloadKey, readPayloadKeys } from '../src/payload/payload-codec.ts'
import type { Settings } from '../src/settings/settings.ts'

const SETTING = 'QUARRY_PAYLOAD_KEY_FILE'

/** The keys in force. */
interface PayloadKeyRing {
  keys(): readonly PayloadKey[]
  /** Reads the file again, if there is one. If it is wrong or gone, the keys stay. */
  refresh(): void
}

/** @throws what {@link payloadKeys} throws. */
export function makePayloadKeyRing(settings: Settings): PayloadKeyRing {
  let keys = payloadKeys(settings)
  return {
    keys: () => keys,
    refresh() {
      try {
        keys = payloadKeys(settings)
      } catch {
        // Somebody may be writing the file.
      }
    },
  }
}

/** @throws Error that names the file and what is wrong with it, without any of its content. */
export function payloadKeys({ payloadKey: texts = [], payloadKeyFile: file }: Settings): PayloadKey[] {
  if (file === undefined) return texts.map(payloadKey)
  const content = read(file)
  try {
    return readPayloadKeys(content)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The file ${file} holds no payload keys: ${reason}. Check ${SETTING}.`, { cause })
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Error(`The file ${file} cannot be read (${reason}). Check ${SETTING}.`, { cause })
  }
}
