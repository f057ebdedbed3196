// The one dialog: it says what will happen, asks for figures where there are some, and tells when it could not be done.
import { html, nothing } from './lit-html/lit-html.js'

const WRONG = 'is not a whole number from 1 up. Leave it empty to go back to the quota.'

/**
 * @param asked - `{action, of, busy, problem}`, or null for none.
 * @param act - `close()`, and `confirm(values)`.
 */
export function dialog({ asked }, act) {
  const { action, of, busy, problem } = asked ?? {}
  return html`<dialog
    id="dialog"
    aria-labelledby="dialog-title"
    aria-describedby="dialog-text"
    @cancel=${(event) => (busy ? event.preventDefault() : undefined)}
    @close=${() => act.closed()}
  >
    ${
      asked === null
        ? nothing
        : html`<form method="dialog" novalidate @submit=${(event) => submit(event, asked, act)}>
            <h2 id="dialog-title">${action.title}</h2>
            <div id="dialog-text">${action.text(of).map((text) => html`<p>${text}</p>`)}</div>
            ${(action.fields?.(of) ?? []).map(fieldOf)}
            ${problem === null ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
            <div class="buttons">
              <button type="button" class="plain" ?disabled=${busy} @click=${() => act.close()}>Cancel</button>
              <button type="submit" class="primary" aria-disabled=${busy}>${busy ? 'Working…' : action.confirm}</button>
            </div>
          </form>`
    }
  </dialog>`
}

function fieldOf({ name, label, hint, value }) {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input id=${name} name=${name} inputmode="numeric" autocomplete="off" aria-describedby="${name}-hint" value=${value} />
    <span class="quiet field-hint" id="${name}-hint">${hint}</span>
  </div>`
}

function submit(event, { action, of, busy }, act) {
  event.preventDefault()
  if (busy) return
  const values = {}
  for (const { name, label } of action.fields?.(of) ?? []) {
    const input = event.target.elements[name]
    const text = input.value.replaceAll(/[\s,_]/g, '')
    const isRight = text === '' || (/^\d{1,10}$/.test(text) && Number(text) >= 1)
    input.setAttribute('aria-invalid', String(!isRight))
    if (!isRight) {
      act.refuse(`${label}: ${input.value} ${WRONG}`)
      input.focus()
      return
    }
    values[name] = text === '' ? null : Number(text)
  }
  act.confirm(values)
}
