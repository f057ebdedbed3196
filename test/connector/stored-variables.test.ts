import { describe, expect, it } from 'vitest'
import { storedVariables } from '../../src/connector/stored-variables.ts'

const HELPERS = '"data_newDocuments_documentMode":"single","data_newDocuments_single_inline_content":"long"'
const WITH = `{"data":{"modelId":"m","newDocuments":[1.50,9007199254740993],${HELPERS}},"action":"converse"}`

describe('the variables that are stored', () => {
  it("omit a template's copies of documents, and keep the text of numbers", () => {
    expect(storedVariables(WITH, { rescue: false })).toBe(
      '{"data":{"modelId":"m","newDocuments":[1.50,9007199254740993]},"action":"converse"}',
    )
  })

  it('keep those copies if documents may have to be restored from them', () => {
    expect(storedVariables(WITH, { rescue: true })).toBe(WITH)
  })

  it.each([
    '{"data": {"payload": {"10":1,"2":1e5}}}',
    `{"data":"text","other":{${HELPERS}}}`,
    `{"data":{${HELPERS},"a":"{{secrets.KEY}}"}}`,
    `{"data":{${HELPERS}`,
    `[{${HELPERS}}]`,
  ])('are the original text in all other cases: %s', (text) => {
    expect(storedVariables(text, { rescue: false })).toBe(text)
  })
})
