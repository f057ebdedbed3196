// The Dockerfile, read by a parser into what a build does and what an image says.
import { readFileSync } from 'node:fs'
import { type Copy, DockerfileParser, type Env, type From } from 'dockerfile-ast'

/** A step that puts files into a stage. */
export type Step =
  | {
      readonly kind: 'copy'
      readonly from: string | null
      readonly sources: readonly string[]
      readonly to: string
    }
  | { readonly kind: 'run'; readonly command: string }

export interface Stage {
  readonly name: string | null
  /** With tag and digest. */
  readonly image: string
  readonly workdir: string
  readonly steps: readonly Step[]
}

/** What the image says of how it is run. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly user: string
  readonly exposed: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

/** @throws Error for an instruction that it does not know. */
export function readDockerfile(): { readonly stages: readonly Stage[]; readonly config: ImageConfig } {
  const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const stages: (Stage & { workdir: string; steps: Step[] })[] = []
  const config: Record<string, unknown> = { env: {}, labels: {} }
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const stage = stages.at(-1)
    const content = instruction.getArgumentsContent() ?? ''
    const words = instruction.getArguments().map((word) => word.getValue())
    switch (instruction.getKeyword()) {
      case 'FROM': {
        const from = instruction as From
        const image = from.getImage() ?? ''
        const workdir = stages.find(({ name }) => name === image)?.workdir ?? '/'
        stages.push({ name: from.getBuildStage(), image, workdir, steps: [] })
        break
      }
      case 'WORKDIR':
        if (stage !== undefined) stage.workdir = content
        break
      case 'COPY': {
        const from = (instruction as Copy).getFromFlag()?.getValue() ?? null
        stage?.steps.push({ kind: 'copy', from, sources: words.slice(0, -1), to: words.at(-1) ?? '' })
        break
      }
      case 'RUN':
        stage?.steps.push({ kind: 'run', command: content })
        break
      case 'ENV':
      case 'LABEL': {
        const properties = (instruction as Env).getProperties()
        const pairs = properties.map((property) => [property.getName(), property.getValue() ?? ''])
        config[instruction.getKeyword() === 'ENV' ? 'env' : 'labels'] = Object.fromEntries(pairs)
        break
      }
      case 'HEALTHCHECK':
        config['healthcheck'] = JSON.parse(content.slice(content.indexOf('CMD') + 'CMD'.length))
        break
      case 'ENTRYPOINT':
        config['entrypoint'] = JSON.parse(content)
        break
      case 'CMD':
        config['command'] = JSON.parse(content)
        break
      case 'USER':
        config['user'] = content
        break
      case 'EXPOSE':
        config['exposed'] = content
        break
      case 'STOPSIGNAL':
        break
      default:
        throw new Error(`The Dockerfile has ${instruction.getInstruction()}, which the tests do not know.`)
    }
  }
  return { stages, config: config as unknown as ImageConfig }
}
