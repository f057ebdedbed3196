// The pictures of the element template in docs/images: a real modeler in a real Chromium.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openBrowser, openTab } from '../test/browser/browser.ts'
import { diagramOf } from '../test/browser/modeler/diagram.ts'
import { openModeler } from '../test/browser/modeler/open-modeler.ts'

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url))
const TEMPLATE = new URL('../element-templates/quarry-bedrock.json', import.meta.url)

const browser = await openBrowser()
try {
  const { page } = await openTab(browser, { viewport: { width: 1100, height: 720 } })
  const modeler = await openModeler(page)
  await modeler.open(diagramOf('claims', { read: 'Summarise the claim' }))
  await modeler.apply('read', JSON.parse(readFileSync(TEMPLATE, 'utf8')))
  await modeler.fill('AWS region', 'eu-central-1')
  await modeler.fill('Model', 'eu.anthropic.claude-sonnet-4-6')
  await modeler.fill('Message', '="Summarise this claim in three sentences: " + claim.text')
  await modeler.fill('Result variable', 'summary')
  await page.screenshot({ path: `${FOLDER}element-template.png` })
  await page.setViewportSize({ width: 1100, height: 860 })
  for (const group of ['Call', 'What is sent', 'Result', 'Structured output']) await modeler.toggle(group)
  await modeler.fill(
    'JSON schema',
    '{type: "object", properties: {damage: {type: "string"}}, required: ["damage"]}',
  )
  await page.locator('#properties').screenshot({ path: `${FOLDER}element-template-groups.png` })
} finally {
  await browser.close()
}
