// A diagram of tasks, as a person has it before a template is chosen: with the positions that a modeler draws by.

/**
 * BPMN XML of a process whose tasks run one after another.
 * @param tasks - their names by their ids.
 */
export function diagramOf(process: string, tasks: Readonly<Record<string, string>>): string {
  const ids = ['start', ...Object.keys(tasks), 'end']
  const flows = ids.slice(1).map((to, index) => ({ id: `to-${to}`, from: ids[index] ?? '', to }))
  const at = (id: string): number => 160 + 160 * ids.indexOf(id)
  const half = (id: string): number => (id in tasks ? 50 : 18)
  const shapes = ids.map((id) => {
    const [width, height] = id in tasks ? [100, 80] : [36, 36]
    return `<bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}"><dc:Bounds x="${at(id) - width / 2}" y="${120 - height / 2}" width="${width}" height="${height}" /></bpmndi:BPMNShape>`
  })
  const edges = flows.map(
    ({ id, from, to }) =>
      `<bpmndi:BPMNEdge id="${id}_di" bpmnElement="${id}"><di:waypoint x="${at(from) + half(from)}" y="120" /><di:waypoint x="${at(to) - half(to)}" y="120" /></bpmndi:BPMNEdge>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="definitions" targetNamespace="test" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0">
  <bpmn:process id="${process}" isExecutable="true">
    <bpmn:startEvent id="start" name="Question" />
    ${Object.entries(tasks)
      .map(([id, name]) => `<bpmn:task id="${id}" name="${name}" />`)
      .join('')}
    <bpmn:endEvent id="end" name="Answer" />
    ${flows.map(({ id, from, to }) => `<bpmn:sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}" />`).join('')}
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="${process}">${shapes.join('')}${edges.join('')}</bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>`
}
