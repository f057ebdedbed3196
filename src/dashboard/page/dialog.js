// The one dialog: states what will happen, asks for figures if the change has any, and shows why a change failed.
import { inputOf, onSubmit } from './fields.js'
import { html, nothing } from './lit-html/lit-html.js'

/** @import { Act, Asked, Field, Figures, PageState } from './page-state.ts' */

const WRONG = 'is not a whole number of 1 or more. Leave the field empty to return to the quota.'

/** @param {PageState} state @param {Act} act */
export function dialog({ asked }, act) {
  return html`<dialog
    id="dialog"
    aria-labelledby="dialog-title"
    aria-describedby="dialog-text"
    @cancel=${(/** @type {Event} */ event) => asked?.busy && event.preventDefault()}
    @close=${() => act.closed()}
  >
    ${asked === null ? nothing : form(asked, act)}
  </dialog>`
}

/** @param {Asked} asked @param {Act} act */
function form({ question, busy, problem }, act) {
  const { title, text, fields = [], confirm } = question
  return html`<form method="dialog" novalidate @submit=${onSubmit((sent) => busy || submit(sent, fields, act))}>
    <h2 id="dialog-title">${title}</h2>
    <div id="dialog-text">${text.map((each) => html`<p>${each}</p>`)}</div>
    ${fields.map(fieldOf)} ${problem === null ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
    <div class="buttons">
      <button type="button" class="plain" ?disabled=${busy} @click=${() => act.close()}>Cancel</button>
      <button type="submit" class="primary" aria-disabled=${busy}>${busy ? 'Working…' : confirm}</button>
    </div>
  </form>`
}

/** @param {Field} field */
function fieldOf({ name, label, hint, value }) {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input id=${name} name=${name} inputmode="numeric" autocomplete="off" aria-describedby="${name}-hint" value=${value} />
    <span class="quiet field-hint" id="${name}-hint">${hint}</span>
  </div>`
}

/** @param {HTMLFormElement} sent @param {readonly Field[]} fields @param {Act} act */
function submit(sent, fields, act) {
  /** @type {Figures} */
  const values = {}
  for (const { name, label } of fields) {
    const input = inputOf(sent, name)
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
  void act.confirm(values)
}
