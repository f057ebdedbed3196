// The process of the benchmarks: one connector task that takes all it needs from variables of the instance.

/** Variables of an instance. */
export interface Question {
  readonly region: string
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number
}

const INPUTS = {
  'authentication.type': 'defaultCredentialsChain',
  'configuration.region': '=region',
  action: 'converse',
  'data.modelId': '=model',
  'data.newMessage': '=prompt',
  'data.maxTokens': '=maxTokens',
}

/** BPMN XML of a process whose only task is the connector's, with three retries, as the element template sets. */
export function diagram(id: string, jobType: string): Buffer {
  const mappings = Object.entries(INPUTS).map(
    ([target, source]) => `<zeebe:input source="${source}" target="${target}" />`,
  )
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="bench">
  <bpmn:process id="${id}" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="ask" />
    <bpmn:serviceTask id="ask">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="${jobType}" retries="3" />
        <zeebe:ioMapping>${mappings.join('')}</zeebe:ioMapping>
        <zeebe:taskHeaders><zeebe:header key="resultVariable" value="answer" /></zeebe:taskHeaders>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="end" />
    <bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>`)
}
