/** `path: reason` of an input that cannot be sent. */
export class InputFault extends Error {
  override readonly name = 'InputFault'
}
