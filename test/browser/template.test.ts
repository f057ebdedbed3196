// Quarry's element template in a real modeler: which fields a person sees, and what the diagram has then.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type QuarryUnderTest, startQuarry } from '../flow/quarry-under-test.ts'
import { fillIn, TEMPLATE_ID, templateVersions } from '../templates/template-versions.ts'
import { noBrowser, openBrowser, openTab } from './browser.ts'
import { diagramOf } from './modeler/diagram.ts'
import { type Modeler, openModeler } from './modeler/open-modeler.ts'

const TASKS = {
  converse: 'Ask',
  invokeModel: 'Embed',
  countTokens: 'Count',
  applyGuardrail: 'Guard',
  invokeGuardrailChecks: 'Check',
  stock: 'Ask, by the stock connector',
}
type Task = keyof typeof TASKS
/** However slow the machine is. */
const SOON = { timeout: 60_000 }
/** Groups that are closed whatever the action is. */
const ALWAYS = ['Result in detail', 'Errors', 'Waiting and retries', 'Credentials and endpoint']

/** A task that somebody made with the stock connector's template for 8.7 to 8.9. */
const [, , third] = templateVersions
if (third === undefined) throw new Error('There is no third version')
const filled = fillIn(third, {
  action: 'converse',
  modelId: 'eu.amazon.nova-lite-v1:0',
  authentication: { kind: 'keys', accessKey: '{{secrets.A}}', secretKey: '{{secrets.B}}' },
  region: 'eu-west-1',
  newMessage: '=question',
  maxTokens: 77,
  documents: { mode: 'multiple', expression: '=[invoice]' },
  resultVariable: 'reply',
})

/** The diagram of the tests, with the task of the stock connector filled in. */
function diagram(): string {
  const inputs = Object.entries(filled.inputs).map(
    ([target, source]) => `<zeebe:input source="${source}" target="${target}" />`,
  )
  const headers = Object.entries(filled.headers).map(
    ([key, value]) => `<zeebe:header key="${key}" value="${value}" />`,
  )
  return diagramOf('p', TASKS)
    .replace('<bpmn:definitions ', '$&xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" ')
    .replace(
      `<bpmn:task id="stock" name="${TASKS.stock}" />`,
      `<bpmn:serviceTask id="stock" name="${TASKS.stock}" zeebe:modelerTemplate="${TEMPLATE_ID}" zeebe:modelerTemplateVersion="3"><bpmn:extensionElements>
        <zeebe:taskDefinition type="io.camunda:aws-bedrock:1" retries="3" />
        <zeebe:ioMapping>${inputs.join('')}</zeebe:ioMapping><zeebe:taskHeaders>${headers.join('')}</zeebe:taskHeaders>
      </bpmn:extensionElements></bpmn:serviceTask>`,
    )
}

const CACHE_POINT = { cachePoint: { type: 'default' } }

let sim: Sim
let quarry: QuarryUnderTest
let browser: Browser
let modeler: Modeler
let errors: readonly string[]

beforeAll(async () => {
  if (noBrowser !== null) return
  sim = await startSim({ settings: { recordBodies: true, guardrails: [{ id: 'g1', words: [] }] } })
  quarry = await startQuarry({ AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url })
  browser = await openBrowser()
  const tab = await openTab(browser)
  errors = tab.errors
  modeler = await openModeler(tab.page)
  await modeler.open(diagram())
})
afterAll(async () => {
  await browser?.close()
  await quarry?.stop()
  await sim?.stop()
})

async function choose(task: Task, name = 'quarry-bedrock'): Promise<void> {
  const file = new URL(`../../element-templates/${name}.json`, import.meta.url)
  expect(await modeler.apply(task, JSON.parse(readFileSync(file, 'utf8')))).toEqual([])
}

/** The fields that are seen without opening a group, and the groups that are closed. */
async function seen() {
  const groups = await modeler.groups()
  return {
    fields: groups.flatMap(({ open, fields }) => (open ? fields : [])),
    closed: groups.flatMap(({ open, label }) => (open ? [] : [label])),
  }
}

/** The sources of a task's input mappings in the saved diagram, by their targets. */
async function inputsOf(task: Task): Promise<Record<string, string>> {
  const xml = await modeler.save()
  const [element = ''] =
    new RegExp(`<bpmn:serviceTask id="${task}".*?</bpmn:serviceTask>`, 's').exec(xml) ?? []
  const found = element.matchAll(/<zeebe:input(?: source="([^"]*)")? target="([^"]*)"/g)
  return Object.fromEntries(
    [...found].map(([, source = '', target = '']) => [target, source.replaceAll('&#34;', '"')]),
  )
}

interface Call {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of the body that is sent. */
  readonly sent: object
  readonly result: object
}
const CALLS: Readonly<Record<Exclude<Task, 'stock'>, Call>> = {
  converse: {
    action: 'Converse with a model',
    fields: {
      Model: 'm',
      Message: '=question',
      'System prompt': 'Be brief.',
      'Most tokens of the answer': '100',
      Effort: 'High',
      History: '[{role: "user", content: [{text: "Hi"}]}, {role: "assistant", content: [{text: "Hello"}]}]',
      Tools: '[{toolSpec: {name: "lookup", inputSchema: {json: {type: "object"}}}}]',
      'Choice of a tool': '{auto: {}}',
      'Cache up to and including': 'Tools, system prompt',
      Guardrail: 'g1',
      'Version of the guardrail': '3',
      'Service tier': 'Flex: cheaper, slower',
      'Form of the result': 'All details: text, stop reason, tool calls, usage, cost …',
      'Thrown as BPMN errors': '["max_tokens"]',
    },
    path: '/model/m/converse',
    sent: {
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        { role: 'assistant', content: [{ text: 'Hello' }] },
        { role: 'user', content: [{ text: 'Why?' }] },
      ],
      system: [{ text: 'Be brief.' }, CACHE_POINT],
      inferenceConfig: { maxTokens: 100 },
      toolConfig: {
        tools: [{ toolSpec: { name: 'lookup', inputSchema: { json: { type: 'object' } } } }, CACHE_POINT],
        toolChoice: { auto: {} },
      },
      guardrailConfig: { guardrailIdentifier: 'g1', guardrailVersion: '3' },
      serviceTier: { type: 'flex' },
      outputConfig: { effort: 'high' },
    },
    result: { text: 'Echo: Why?', stopReason: 'end_turn', model: 'm', region: 'eu-west-1' },
  },
  invokeModel: {
    action: 'Invoke a model with its own body',
    fields: {
      Model: 'm',
      Body: '{inputText: question}',
      Guardrail: 'g1',
      'Version of the guardrail': '3',
      'Trace of the guardrail': 'All that it looked at',
      'Service tier': 'Priority: dearer, faster',
    },
    path: '/model/m/invoke',
    headers: {
      'x-amzn-bedrock-guardrailidentifier': 'g1',
      'x-amzn-bedrock-guardrailversion': '3',
      'x-amzn-bedrock-trace': 'ENABLED_FULL',
      'x-amzn-bedrock-service-tier': 'priority',
    },
    sent: { inputText: 'Why?' },
    result: { body: {} },
  },
  countTokens: {
    action: 'Count tokens',
    fields: {
      Model: 'm',
      'Messages to count': '[{role: "user", content: [{text: question}]}]',
      'System prompt to count': 'Be brief.',
      'Form of the result': 'All details: text, stop reason, tool calls, usage, cost …',
    },
    path: '/model/m/count-tokens',
    sent: {
      input: {
        converse: {
          messages: [{ role: 'user', content: [{ text: 'Why?' }] }],
          system: [{ text: 'Be brief.' }],
        },
      },
    },
    result: { inputTokens: expect.any(Number), region: 'eu-west-1', requestId: expect.any(String) },
  },
  applyGuardrail: {
    action: 'Apply a guardrail',
    fields: { Guardrail: 'g1', 'Version of the guardrail': '3', Content: '=question' },
    path: '/guardrail/g1/version/3/apply',
    sent: { source: 'INPUT', content: [{ text: { text: 'Why?' } }] },
    result: { action: 'NONE' },
  },
  invokeGuardrailChecks: {
    action: 'Check content without a guardrail',
    fields: { 'Messages to check': '[{role: "user", content: [{text: question}]}]' },
    path: '/guardrail-checks/invoke',
    sent: {
      messages: [{ role: 'user', content: [{ text: 'Why?' }] }],
      checks: {
        contentFilter: { categories: [{ category: 'HATE' }, {}, {}, {}, {}] },
        promptAttack: { categories: [{ category: 'JAILBREAK' }, {}, {}] },
      },
    },
    result: { results: {} },
  },
}

describe.skipIf(noBrowser !== null)('the element template in a modeler', () => {
  it('shows five fields of a simple call, and writes no input for what is left empty', async () => {
    await choose('converse')
    await expect.poll(seen, SOON).toEqual({
      fields: ['Action', 'AWS region', 'Model', 'Message', 'Result variable'],
      closed: [
        'System prompt and model settings',
        'History, documents and media',
        'Tools',
        'Structured output',
        'Prompt cache',
        'Guardrail',
        'Service tier, speed and streaming',
        'Metadata and other request fields',
        ...ALWAYS,
      ],
    })
    await modeler.fill('AWS region', 'eu-west-1')
    await modeler.fill('Model', 'eu.anthropic.claude-sonnet-4-6')
    await modeler.fill('Message', 'Hello')
    expect(await inputsOf('converse')).toEqual({
      action: 'converse',
      'configuration.region': 'eu-west-1',
      'data.modelId': 'eu.anthropic.claude-sonnet-4-6',
      'data.newMessage': 'Hello',
      'authentication.type': 'defaultCredentialsChain',
    })
  })

  it.each<{ task: Task; action: string; fields: string[]; closed?: string[]; written?: object }>([
    {
      task: 'invokeModel',
      action: 'Invoke a model with its own body',
      fields: ['Model', 'Body'],
      closed: [
        'Guardrail',
        'Formats',
        'Service tier, speed and streaming',
        'Metadata and other request fields',
      ],
    },
    {
      task: 'countTokens',
      action: 'Count tokens',
      fields: [
        'Model',
        'Messages to count',
        'System prompt to count',
        'Tools to count',
        "The model's own settings",
        'Body to count',
      ],
    },
    {
      task: 'applyGuardrail',
      action: 'Apply a guardrail',
      fields: [
        'Guardrail',
        'Version of the guardrail',
        'Where the content is from',
        'Content',
        'What is reported',
      ],
    },
    {
      task: 'invokeGuardrailChecks',
      action: 'Check content without a guardrail',
      fields: ['Messages to check', 'Harmful content', 'Prompt attacks', 'Sensitive information'],
    },
  ])('shows what the action $task has', async ({ task, action, fields, closed = [] }) => {
    await choose(task)
    await modeler.fill('Action', action)
    await expect.poll(seen, SOON).toEqual({
      fields: ['Action', 'AWS region', ...fields, 'Result variable'],
      closed: [...closed, ...ALWAYS],
    })
    expect((await inputsOf(task))['action']).toBe(task)
  })

  it('asks only for the credentials that were chosen', async () => {
    await choose('converse')
    const role = ['Role to assume', 'External id of the role', 'Session tags of the role']
    const shown = async () =>
      (await modeler.groups()).find(({ label }) => label === 'Credentials and endpoint')?.fields
    for (const [kind, asked] of [
      ['Access keys', ['Access key', 'Secret key', 'Session token', ...role]],
      ['Bedrock API key', ['API key']],
      ["The worker's own", role],
    ] as const) {
      await modeler.fill('Credentials', kind)
      await expect.poll(shown, SOON).toEqual(['Credentials', ...asked, 'Endpoint'])
    }
  })

  it('has the job type as a field in its hybrid twin', async () => {
    await choose('converse', 'quarry-bedrock-hybrid')
    await expect.poll(async () => (await seen()).fields.slice(0, 2), SOON).toEqual(['Job type', 'Action'])
    await modeler.fill('Job type', 'team-a:bedrock')
    expect(await modeler.save()).toContain('<zeebe:taskDefinition type="team-a:bedrock" retries="3" />')
  })

  it('keeps what a task of the stock connector has', async () => {
    await choose('stock')
    expect(await inputsOf('stock')).toEqual(filled.inputs)
    const xml = await modeler.save()
    expect(xml).toContain('<zeebe:header key="resultVariable" value="reply" />')
    expect(xml).toContain('<zeebe:header key="retryBackoff" value="PT0S" />')
  })

  it('makes a process that runs: for each action what was filled in reaches Bedrock, and the result comes back', async () => {
    const process = `p-${randomUUID()}`
    const { stock: _, ...tasks } = TASKS
    await modeler.open(diagramOf(process, tasks))
    for (const [task, { action, fields }] of Object.entries(CALLS)) {
      await choose(task as Task, 'quarry-bedrock-hybrid')
      await modeler.fill('Action', action)
      const common = { 'Job type': quarry.jobType, 'AWS region': 'eu-west-1', 'Result variable': task }
      for (const [field, value] of Object.entries({ ...common, ...fields })) await modeler.fill(field, value)
    }
    const content = Buffer.from(await modeler.save())
    await quarry.processes.deploy([{ name: `${process}.bpmn`, content }])
    const variables = await quarry.run(process, { question: 'Why?' })
    const requests = sim.requests()
    for (const [index, [task, { path, sent, headers = {}, result }]] of Object.entries(CALLS).entries()) {
      const request = requests[index]
      expect(request).toMatchObject({ path, headers })
      expect(JSON.parse(request?.body ?? '')).toMatchObject(sent)
      expect(variables[task]).toMatchObject(result)
    }
    expect(requests).toHaveLength(5)
  })

  it('makes no error in the modeler', () => {
    expect(errors).toEqual([])
  })
})
