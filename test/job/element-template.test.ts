import { expect, it } from 'vitest'
import { elementTemplate, UNKNOWN_TEMPLATE } from '../../src/job/element-template.ts'

it.each([
  [
    { elementTemplateId: 'io.camunda.connectors.aws.bedrock.v1', elementTemplateVersion: '3' },
    { id: 'io.camunda.connectors.aws.bedrock.v1', version: '3' },
  ],
  [{ elementTemplateId: 'mine' }, { id: 'mine', version: 'unknown' }],
  [{ elementTemplateId: '', elementTemplateVersion: 7 }, UNKNOWN_TEMPLATE],
  [{ resultVariable: 'answer' }, UNKNOWN_TEMPLATE],
])('headers %j are of template %j', (headers, template) => {
  expect(elementTemplate(JSON.stringify(headers))).toEqual(template)
})

it('headers that are not an object give no known template, and long ids are cut', () => {
  expect(elementTemplate('["elementTemplateId"]')).toEqual(UNKNOWN_TEMPLATE)
  expect(elementTemplate('{"elementTemplateId"')).toEqual(UNKNOWN_TEMPLATE)
  expect(elementTemplate(JSON.stringify({ elementTemplateId: 'x'.repeat(5_000) })).id).toHaveLength(100)
})
