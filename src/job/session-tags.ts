// What AWS STS takes as a tag of a session (https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html). Pure.

const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
const LONGEST_NAME = 128
export const LONGEST_TAG_VALUE = 256

/** Why AWS would refuse a tag; null if it takes it. */
export function sessionTagFault(name: string, value: string): string | null {
  if (name === '' || name.length > LONGEST_NAME || !TEXT.test(name) || /^aws:/i.test(name))
    return 'has a name that AWS does not allow for a session tag'
  if (value.length > LONGEST_TAG_VALUE || !TEXT.test(value))
    return `has a value of ${name} that AWS does not allow for a session tag`
  return null
}
