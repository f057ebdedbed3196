// The environment variables by which Spring Boot, and so the stock connector runtime, sets a property. Pure.

/**
 * The names of a property: first the documented one without dashes, then with underscores for dashes, which Spring also takes.
 * @param property such as `camunda.client.auth.client-id`
 */
export function springNames(...properties: readonly string[]): string[] {
  return properties.flatMap((property) => {
    const upper = property.toUpperCase().replaceAll('.', '_')
    return [...new Set([upper.replaceAll('-', ''), upper.replaceAll('-', '_')])]
  })
}
