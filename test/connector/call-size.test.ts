import { describe, expect, it } from 'vitest'
import { bodySize, converseSize } from '../../src/connector/call-size.ts'
import { type JsonObject, parseJson } from '../../src/job/json.ts'

const converse = (content: readonly JsonObject[], maxTokens: number | null) =>
  converseSize({ messages: [{ role: 'user', content }] }, maxTokens)

const image = Buffer.alloc(300, 7).toString('base64')

describe('the size of a Converse call', () => {
  it('counts its text, its images and its documents', () => {
    const source = { bytes: Buffer.alloc(40).toString('base64') }
    const size = converse(
      [
        { text: 'Hello' },
        { image: { format: 'png', source } },
        { document: { format: 'csv', name: 'a', source } },
        { document: { format: 'pdf', name: 'b', source } },
      ],
      7,
    )
    expect(size).toEqual({ characters: 45, images: 1, documentBytes: 40, maxTokens: 7 })
  })

  it('counts the system prompt, the tools, and what tools gave', () => {
    const size = converseSize(
      {
        messages: [
          { role: 'assistant', content: [{ toolUse: { toolUseId: '1', name: 'a', input: {} } }] },
          { role: 'user', content: [{ toolResult: { toolUseId: '1', content: [{ text: '12345' }] } }] },
        ],
        system: [{ text: 'Be brief.' }],
        toolConfig: { tools: [] },
      },
      null,
    )
    const toolUse = '{"toolUse":{"toolUseId":"1","name":"a","input":{}}}'
    expect(size.characters).toBe('12345Be brief.{"tools":[]}'.length + toolUse.length)
  })

  it('shows whether there is a limit of output tokens', () => {
    expect(converse([], null).maxTokens).toBeNull()
  })
})

describe('the size of an InvokeModel call', () => {
  it.each([
    ['Anthropic', { max_tokens: 1 }],
    ['Anthropic, text completions', { max_tokens_to_sample: 1 }],
    ['Meta', { max_gen_len: 1 }],
    ['Nova', { inferenceConfig: { maxTokens: 1 } }],
    ['Nova, as first documented', { inferenceConfig: { max_new_tokens: 1 } }],
    ['Titan', { textGenerationConfig: { maxTokenCount: 1 } }],
    ['OpenAI', { max_completion_tokens: 1 }],
    ['Jurassic', { maxTokens: 1 }],
  ])('reads the output limit in %s', (_family, body) => {
    expect(bodySize(body).maxTokens).toBe(1)
  })

  it.each([
    ['{}'],
    ['{"max_tokens":"many"}'],
    ['{"max_tokens":-1}'],
    ['{"inferenceConfig":3}'],
    ['[]'],
    ['null'],
    ['"a text"'],
    ['{"max_tokens":-1e30}'],
  ])('finds no output limit in %s', (body) => {
    expect(bodySize(parseJson(body)).maxTokens).toBeNull()
  })

  it('counts texts, and contents apart', () => {
    const source = { type: 'base64', media_type: 'image/png', data: image }
    const size = bodySize({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source },
            { type: 'document', source: { ...source, media_type: 'application/pdf' } },
            { type: 'text', text: 'Hello' },
          ],
        },
      ],
    })
    expect(size).toMatchObject({ images: 1, documentBytes: 300 })
    expect(size.characters).toBeLessThan(100)
  })

  it('takes a body of Nova with an image, and a long text under such a name for a text', () => {
    expect(bodySize({ content: [{ image: { format: 'png', source: { bytes: image } } }] })).toMatchObject({
      images: 1,
    })
    const data = 'long '.repeat(100)
    expect(bodySize({ data })).toMatchObject({ images: 0, characters: data.length })
  })

  it('is read however deep the body is nested', () => {
    expect(bodySize(parseJson(`${'['.repeat(900)}"deep"${']'.repeat(900)}`)).characters).toBe(4)
  })
})
