// What people type, out of the events that tell of it.

/** Takes the value of a field. @param {(value: string) => void} take */
export const onValue =
  (take) =>
  /** @param {Event} event */
  ({ target }) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) take(target.value)
  }

/** Takes a form that is sent off; it leads to no other page. @param {(form: HTMLFormElement) => void} take */
export const onSubmit =
  (take) =>
  /** @param {Event} event */
  (event) => {
    event.preventDefault()
    if (event.currentTarget instanceof HTMLFormElement) take(event.currentTarget)
  }

/** @param {HTMLFormElement} form @param {string} name @throws TypeError when the form has no such input. */
export function inputOf(form, name) {
  const found = form.elements.namedItem(name)
  if (found instanceof HTMLInputElement) return found
  throw new TypeError(`The form has no input ${name}.`)
}
