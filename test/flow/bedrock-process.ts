// A process with one connector task, as BPMN, from inputs and headers as a diagram would have them.

export interface ConnectorTask {
  readonly id: string
  readonly jobType: string
  /** Targets and sources of input mappings; a source that begins with `=` is FEEL. */
  readonly inputs: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** A number, or FEEL behind `=`. @default '3' */
  readonly retries?: string
  /** Error boundary events `b0`, `b1`, … of the task; one without a code catches every error. */
  readonly boundary?: readonly { readonly code?: string }[]
  /** So many tasks in one instance, all at once: the quickest way to have thousands of jobs. @default one */
  readonly times?: number
}

/** BPMN XML of a process `id` whose only task is the connector's. */
export function bedrockProcess(task: ConnectorTask): Buffer {
  const { id, jobType, inputs, headers = {}, retries = '3', boundary = [], times } = task
  const mappings = Object.entries(inputs).map(
    ([target, source]) => `<zeebe:input source="${xml(source)}" target="${xml(target)}" />`,
  )
  const taskHeaders = Object.entries(headers).map(
    ([key, value]) => `<zeebe:header key="${xml(key)}" value="${xml(value)}" />`,
  )
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
  <bpmn:process id="${xml(id)}" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="ask" />
    <bpmn:serviceTask id="ask">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="${xml(jobType)}" retries="${xml(retries)}" />
        <zeebe:ioMapping>${mappings.join('')}</zeebe:ioMapping>
        <zeebe:taskHeaders>${taskHeaders.join('')}</zeebe:taskHeaders>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>${times === undefined ? '' : loop(times)}
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    ${boundary.map(({ code }, index) => boundaryEvent(`b${index}`, code)).join('')}
  </bpmn:process>
  ${boundary.map(({ code }, index) => errorOf(`b${index}`, code)).join('')}
</bpmn:definitions>`)
}

function loop(times: number): string {
  return `<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>
      <zeebe:loopCharacteristics inputCollection="=for i in 1..${times} return i" inputElement="i" />
    </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>`
}

function boundaryEvent(id: string, code: string | undefined): string {
  const error = code === undefined ? '' : ` errorRef="${id}-error"`
  return `<bpmn:boundaryEvent id="${id}" attachedToRef="ask">
      <bpmn:outgoing>${id}-flow</bpmn:outgoing><bpmn:errorEventDefinition id="${id}-definition"${error} />
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="${id}-flow" sourceRef="${id}" targetRef="${id}-end" />
    <bpmn:endEvent id="${id}-end"><bpmn:incoming>${id}-flow</bpmn:incoming></bpmn:endEvent>`
}

function errorOf(id: string, code: string | undefined): string {
  return code === undefined ? '' : `<bpmn:error id="${id}-error" name="${id}" errorCode="${xml(code)}" />`
}

function xml(text: string): string {
  const escapes: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
    '\t': '&#9;',
  }
  return text.replaceAll(/[&<>"\n\t]/g, (character) => escapes[character] ?? character)
}
