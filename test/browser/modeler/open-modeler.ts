// A modeler in a real Chromium: what a person sees of an element template, and what the diagram has then.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { rolldown } from 'rolldown'

const { resolve } = createRequire(import.meta.url)
const STYLES = [
  'bpmn-js/dist/assets/diagram-js.css',
  'bpmn-js/dist/assets/bpmn-js.css',
  'bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css',
  '@bpmn-io/properties-panel/dist/assets/properties-panel.css',
  'bpmn-js-element-templates/dist/assets/element-templates.css',
]
const LAYOUT = `
  html, body { height: 100%; margin: 0; font-family: sans-serif; }
  #modeler { display: flex; height: 100%; }
  #diagram { flex: 1; }
  #properties { width: 400px; border-left: 1px solid #ccc; overflow: auto; }`
const GROUP = '.bio-properties-panel-group[data-group-id^="group-ElementTemplates__CustomProperties"]'
const TITLE = '.bio-properties-panel-group-header-title'
const ENTRY = '.bio-properties-panel-entry'

/** What the page gives. */
interface Canvas {
  open(xml: string): Promise<void>
  apply(taskId: string, template: unknown): Promise<readonly string[]>
  save(): Promise<string>
}
type CanvasWindow = typeof globalThis & { readonly canvas: Canvas }

/** A group of the template in the properties panel. */
export interface ShownGroup {
  readonly label: string
  readonly open: boolean
  /** The labels of its fields; those of a closed group are not visible. */
  readonly fields: readonly string[]
}

export interface Modeler {
  open(xml: string): Promise<void>
  /** Puts an element template on a task and shows its properties; returns what the modeler finds wrong with the template. */
  apply(taskId: string, template: unknown): Promise<readonly string[]>
  groups(): Promise<ShownGroup[]>
  /** Opens or closes a group. */
  toggle(group: string): Promise<void>
  /** Types into a text field, or chooses an option of a dropdown by its name; opens the group of the field. */
  fill(field: string, value: string): Promise<void>
  save(): Promise<string>
}

/** Makes a modeler of an empty page. */
export async function openModeler(page: Page): Promise<Modeler> {
  const styles = STYLES.map((path) => readFileSync(resolve(path), 'utf8'))
  await page.setContent(
    `<!doctype html><html lang="en"><head><title>Modeler</title><style>${[...styles, LAYOUT].join('\n')}</style></head>
    <body><div id="modeler"><div id="diagram"></div><div id="properties"></div></div></body></html>`,
  )
  await page.addScriptTag({ content: await bundled() })
  return {
    open: (xml) => page.evaluate((text) => (globalThis as CanvasWindow).canvas.open(text), xml),
    apply: (taskId, template) =>
      page.evaluate(([task, file]) => (globalThis as CanvasWindow).canvas.apply(task, file), [
        taskId,
        template,
      ] as const),
    async groups() {
      const shown = await page.locator(GROUP).all()
      return Promise.all(shown.map(groupOf))
    },
    toggle: (group) => page.locator(`${GROUP} ${TITLE}:text-is("${group}")`).click(),
    async fill(field, value) {
      const entry = page.locator(ENTRY).filter({ has: page.locator(`label:text-is("${field}")`) })
      const group = page.locator(GROUP).filter({ has: entry })
      await entry.waitFor({ state: 'attached' })
      if (!(await isOpen(group))) await group.locator(TITLE).click()
      const control = entry.locator('select, input, textarea, [contenteditable=true]').first()
      const isSelect = await control.evaluate((element) => element.nodeName === 'SELECT')
      if (isSelect) await control.selectOption({ label: value })
      else await control.fill(value)
      await control.blur()
      // The panel shows other fields in the next frame.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)))
    },
    save: () => page.evaluate(() => (globalThis as CanvasWindow).canvas.save()),
  }
}

async function groupOf(group: Locator): Promise<ShownGroup> {
  const [label = ''] = await group.locator(TITLE).allTextContents()
  const fields = await group.locator(`${ENTRY} label`).allTextContents()
  return { label, open: await isOpen(group), fields }
}

async function isOpen(group: Locator): Promise<boolean> {
  return (await group.locator('.bio-properties-panel-group-entries.open').count()) > 0
}

/** bpmn-js and what belongs to it as one script. */
async function bundled(): Promise<string> {
  const input = fileURLToPath(new URL('canvas.js', import.meta.url))
  const bundle = await rolldown({ input, platform: 'browser' })
  const { output } = await bundle.generate({ format: 'iife' })
  await bundle.close()
  return output[0].code
}
