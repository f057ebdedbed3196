import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { processInputs } from '../../src/secrets/process-inputs.ts'

const io = (target: string, source: string) =>
  `<bpmn:extensionElements><zeebe:ioMapping><zeebe:input source="${source}" target="${target}" /><zeebe:output source="=o" target="o" /></zeebe:ioMapping></bpmn:extensionElements>`

const bpmn = (content: string) => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="x">${content}</bpmn:definitions>`

describe('the input mappings of a process', () => {
  test.each([
    'serviceTask',
    'sendTask',
    'scriptTask',
    'businessRuleTask',
    'subProcess',
    'adHocSubProcess',
    'intermediateThrowEvent',
    'endEvent',
  ])('are those of a %s, made from a template or not', async (element) => {
    const xml = bpmn(
      `<bpmn:process id="p"><bpmn:${element} id="e">${io('data.x', '{{secrets.A}}')}</bpmn:${element}></bpmn:process>`,
    )
    expect([...(await processInputs(xml))]).toEqual([['e', [{ source: '{{secrets.A}}', target: 'data.x' }]]])
  })

  test('belong to the element itself, not to its parents or children', async () => {
    const xml = bpmn(
      `<bpmn:process id="p"><bpmn:subProcess id="outer">${io('a', '1')}<bpmn:serviceTask id="inner">${io('b', '2')}</bpmn:serviceTask></bpmn:subProcess></bpmn:process><bpmn:process id="q"><bpmn:serviceTask id="other">${io('c', '3')}</bpmn:serviceTask></bpmn:process>`,
    )
    const inputs = await processInputs(xml)
    expect(inputs.get('outer')).toEqual([{ source: '1', target: 'a' }])
    expect(inputs.get('inner')).toEqual([{ source: '2', target: 'b' }])
    expect(inputs.get('other')).toEqual([{ source: '3', target: 'c' }])
  })

  test('are found by namespace, whatever the prefixes', async () => {
    const xml = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:z="http://camunda.org/schema/zeebe/1.0" xmlns:zeebe="http://elsewhere"><process id="p"><serviceTask id="e"><extensionElements><zeebe:ioMapping><zeebe:input source="no" target="no"/></zeebe:ioMapping><z:ioMapping><z:input source="yes" target="yes"/></z:ioMapping></extensionElements></serviceTask></process></definitions>`
    expect((await processInputs(xml)).get('e')).toEqual([{ source: 'yes', target: 'yes' }])
  })

  test('are decoded from XML entities', async () => {
    const source = '={&#34;a&#34;: &quot;{{secrets.A}}&quot;,&#10;b: 1 &lt; 2}'
    const xml = bpmn(
      `<bpmn:process id="p"><bpmn:serviceTask id="e">${io('x', source)}</bpmn:serviceTask></bpmn:process>`,
    )
    expect((await processInputs(xml)).get('e')?.[0]?.source).toBe('={"a": "{{secrets.A}}",\nb: 1 < 2}')
  })

  test.each([
    [
      'an entity of its own',
      `<!DOCTYPE x [<!ENTITY a "{{secrets.A}}">]>${bpmn('&a;').replace(/<\?.*\?>\n/, '')}`,
    ],
    ['an end that is missing', bpmn('<bpmn:process id="p">')],
    ['a prefix of no namespace', '<bpmn:definitions/>'],
    ['no XML at all', '{"xml": 1}'],
    ['elements in each other without end', bpmn(`${'<a>'.repeat(600)}${'</a>'.repeat(600)}`)],
  ])('are refused with %s', async (_, xml) => {
    await expect(processInputs(xml)).rejects.toThrow()
  })

  test('are found in a diagram of the examples folder', async () => {
    const folder = new URL('../../examples/', import.meta.url)
    const xml = await readFile(new URL('claim-triage.bpmn', folder), 'utf8')
    expect([...(await processInputs(xml)).values()].flat().map(({ target }) => target)).toContain(
      'data.modelId',
    )
  })
})
