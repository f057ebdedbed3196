// The diagrams of `examples/`, as tests run them: with a job type of their own, and with the tools of `tools.bpmn` as jobs.
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { SimSettings } from '../../sim/sim.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url)

/** A run of an example: what it starts with, and what the model answers; the rest of the file is what it sends and ends with. */
export interface ExampleRun {
  readonly start: Readonly<Record<string, unknown>>
  readonly standIn: Partial<SimSettings>
}

/** Runs of examples: `<diagram>` or `<diagram>.<case>`. */
export function exampleRuns(): string[] {
  return globSync('*.json', { cwd: EXAMPLES })
    .map((file) => basename(file, '.json'))
    .sort()
}

/** The path of what is kept beside the diagrams. */
export function examplePath(run: string): string {
  return fileURLToPath(new URL(`${run}.json`, EXAMPLES))
}

export async function readExample(run: string): Promise<ExampleRun> {
  return JSON.parse(await readFile(examplePath(run), 'utf8'))
}

/**
 * The diagram, whose tasks are for this job type; those of tools have types of their own, `<job type>:<tool>`. A user task is a job: Camunda's
 * own user tasks are completed by its REST API, which the engine of the tests does not have.
 */
export async function exampleDiagram(name: string, jobType: string): Promise<Buffer> {
  const text = await readFile(new URL(`${name}.bpmn`, EXAMPLES), 'utf8')
  const userTask = `<zeebe:taskDefinition type="${toolType(jobType, 'approve')}" />`
  return Buffer.from(
    text
      .replaceAll('type="io.camunda:aws-bedrock:1"', `type="${jobType}"`)
      .replaceAll('type="lookup-policy"', `type="${toolType(jobType, 'lookup-policy')}"`)
      .replace(
        /<bpmn:userTask( .*?)<zeebe:userTask \/>(.*?)<\/bpmn:userTask>/s,
        (_, open, rest) =>
          `<bpmn:serviceTask${open}${userTask}${rest.replace(/<zeebe:assignmentDefinition [^>]*>/, '')}</bpmn:serviceTask>`,
      ),
  )
}

function toolType(jobType: string, tool: string): string {
  return `${jobType}:${tool}`
}

export type ToolName = 'lookup-policy' | 'approve'

/** What the tools of `tools.bpmn` give. */
const GIVEN: Readonly<Record<ToolName, Readonly<Record<string, unknown>>>> = {
  'lookup-policy': { holder: 'Ada', deductible: 150 },
  approve: { approved: true, clerk: 'Grace' },
}

/** The people and workers that are the tools of `tools.bpmn`. */
export interface Tools {
  /** Completes the next job of a tool; returns its variables. */
  use(tool: ToolName): Promise<Record<string, unknown>>
  close(): Promise<void>
}

export function startTools(jobType: string): Tools {
  const port = makeGrpcJobPort({ address: inject('zeebeGrpcAddress') })
  const next = async (tool: ToolName): Promise<ActivatedJob> => {
    const request = {
      type: toolType(jobType, tool),
      worker: 'tools',
      timeoutMs: 60_000,
      fetchVariables: [],
      tenantIds: [],
      maxJobs: 1,
      requestTimeoutMs: 5_000,
    }
    const jobs: ActivatedJob[] = []
    for (const deadline = Date.now() + 60_000; jobs.length === 0; ) {
      if (Date.now() > deadline) throw new Error(`No job of ${tool} within a minute`)
      await port.activate(request, (job) => jobs.push(job), new AbortController().signal)
    }
    const [job] = jobs
    if (job === undefined) throw new Error('It has one')
    return job
  }
  return {
    async use(tool) {
      const { key, variables } = await next(tool)
      await port.complete({ jobKey: key, variables: JSON.stringify(GIVEN[tool]) })
      return JSON.parse(variables)
    },
    close: () => port.close(),
  }
}
