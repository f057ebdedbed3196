// Reads what people type from DOM events.

/** Passes on the value of a field. @param {(value: string) => void} take */
export const onValue =
  (take) =>
  /** @param {Event} event */
  ({ target }) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) take(target.value)
  }

/** Passes on a submitted form, without leaving the page. @param {(form: HTMLFormElement) => void} take */
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
