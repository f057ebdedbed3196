// The page of the modeler: bpmn-js with the properties panel and element templates, as Camunda's modelers assemble them. Bundled by
// open-modeler.ts; the test drives it by `globalThis.canvas`.
import IconRenderer from '@bpmn-io/element-template-icon-renderer'
import Modeler from 'bpmn-js/lib/Modeler.js'
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates'
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  ZeebePropertiesProviderModule,
} from 'bpmn-js-properties-panel'
import behaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud/index.js'
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json'

const modeler = new Modeler({
  container: '#diagram',
  propertiesPanel: { parent: '#properties' },
  // What is typed is in the diagram at once.
  debounceInput: false,
  additionalModules: [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    ZeebePropertiesProviderModule,
    CloudElementTemplatesPropertiesProviderModule,
    IconRenderer,
    behaviors,
  ],
  moddleExtensions: { zeebe },
})

const taskOf = (id) => modeler.get('elementRegistry').get(id)
const problems = []
modeler.get('eventBus').on('elementTemplates.errors', ({ errors }) => problems.push(...errors.map(String)))

/** The panel misses a selection that precedes its first effects, so the task is selected again until the panel shows it. */
async function show(task, template) {
  const selection = modeler.get('selection')
  const shows = () =>
    document.querySelector('#properties [data-entry-id=id] input')?.value === task.id &&
    document.querySelector('#properties .bio-properties-panel-header-type')?.textContent === template.name
  do {
    selection.select(null)
    selection.select(task)
    await new Promise((resolve) => setTimeout(resolve, 50))
  } while (!shows())
}

globalThis.canvas = {
  async open(xml) {
    await modeler.importXML(xml)
    modeler.get('canvas').zoom('fit-viewport', 'auto')
  },
  /** Puts an element template on a task, and shows the task's properties. */
  async apply(taskId, template) {
    modeler.get('elementTemplatesLoader').setTemplates([template])
    const templates = modeler.get('elementTemplates')
    const [offered] = templates.getLatest(taskOf(taskId))
    if (offered === undefined) return [...problems, `The modeler does not offer it for ${taskId}`]
    await show(templates.applyTemplate(taskOf(taskId), offered), template)
    return problems
  },
  async save() {
    const { xml } = await modeler.saveXML({ format: true })
    return xml
  },
}
