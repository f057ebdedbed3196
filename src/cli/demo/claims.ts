// The demo's claims, and the variables that an instance must end with.

/** Start variables of one instance. */
export interface Claim {
  readonly id: number
  readonly text: string
}

const URGENT =
  'This is urgent: a pipe burst in the flat above mine in the night, water is running through the ceiling of the kitchen and along the light fittings, the power is off, and my neighbour cannot be reached.'
const STANDARD =
  'My bicycle was scratched while it stood in the rack behind the office last Tuesday; the paint on the frame is off over the length of a hand, the bell is bent, and I attach two photographs of the damage.'

/** Every third claim is urgent. The stand-in repeats the first 200 characters, and the texts are longer. */
export function claim(id: number): Claim {
  return { id, text: isUrgent(id) ? URGENT : STANDARD }
}

function isUrgent(id: number): boolean {
  return id % 3 === 0
}

/** Bedrock calls that an instance makes. */
export function callsOf(id: number): number {
  return isUrgent(id) ? 3 : 2
}

/**
 * What is wrong with an instance's final variables; null when nothing is.
 * @param exact whether the stand-in answered; of a real model's answers only the types are checked.
 */
export function wrongWith(id: number, variables: Record<string, unknown>, exact: boolean): string | null {
  const { category, urgent, advice, turns, reply } = variables
  for (const [name, value] of Object.entries({ category, reply })) {
    if (typeof value !== 'string' || value === '') return `${name} is ${JSON.stringify(value)}, not a text`
  }
  if (typeof urgent !== 'boolean') return `urgent is ${JSON.stringify(urgent)}`
  if (urgent && (typeof advice !== 'string' || turns !== 4))
    return `urgent, but advice is ${JSON.stringify(advice)} after ${JSON.stringify(turns)} turns`
  if (!urgent && advice !== undefined) return 'not urgent, but advised'
  if (!exact) return null
  if (urgent !== isUrgent(id)) return `urgent is ${urgent}`
  if (category !== `Echo: ${claim(id).text.slice(0, 200)}`) return 'category is not the answer to this claim'
  if (urgent && advice !== `Echo: What should the customer of claim ${id} do first? One sentence.`)
    return 'advice is not the answer to this claim'
  return reply === 'Hello from ai21.jamba-1-5-mini-v1:0' ? null : 'reply is not the answer of the model'
}
