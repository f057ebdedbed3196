/** Whose credentials sign a call: the worker's own role (the default chain), or keys that the diagram gives. */
export type Credential =
  | { readonly kind: 'chain' }
  | { readonly kind: 'static'; readonly accessKey: string; readonly secretKey: string }
