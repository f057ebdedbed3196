// Prometheus text as a scraper reads it, strict about its form. Knows no metric by name.

/** One line that is no comment. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

// prom-client writes Nan, which Prometheus reads in any case.
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (Na[Nn]|[+-]?Inf|[-+0-9.e]+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/g

/**
 * The samples of a scrape.
 * @throws Error at a line that is none, and at a sample whose name has not been given HELP and TYPE once before.
 */
export function readSamples(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('The text does not end with a newline')
  const samples: Sample[] = []
  const described = { HELP: new Set<string>(), TYPE: new Map<string, string>() }
  for (const line of text.split('\n')) {
    const [, help] = /^# HELP (\S+) \S/.exec(line) ?? []
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? []
    const name = help ?? typed
    if (line === '') continue
    if (name === undefined) {
      samples.push(readSample(line, described))
      continue
    }
    const known = help === undefined ? described.TYPE : described.HELP
    if (known.has(name)) throw new Error(`Described twice: ${line}`)
    if (help !== undefined) described.HELP.add(help)
    else described.TYPE.set(name, type ?? '')
  }
  return samples
}

function readSample(
  line: string,
  described: { readonly HELP: ReadonlySet<string>; readonly TYPE: ReadonlyMap<string, string> },
): Sample {
  const [, name, labelText = '', value = ''] = LINE.exec(line) ?? []
  if (name === undefined) throw new Error(`Neither a sample nor a description: ${line}`)
  const family = [name, name.replace(/_(bucket|sum|count)$/, '')].find((known) => described.TYPE.has(known))
  if (family === undefined || !described.HELP.has(family)) throw new Error(`Not described before: ${line}`)
  if (family !== name && !['histogram', 'summary'].includes(described.TYPE.get(family) ?? '')) {
    throw new Error(`Not of a histogram: ${line}`)
  }
  const pairs = [...labelText.matchAll(LABEL)]
  if (pairs.map(([pair]) => pair).join('') !== labelText) throw new Error(`Wrong labels: ${line}`)
  const labels = Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text]))
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

/** The sum over the samples of a name that have these labels; undefined when there is none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const fitting = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return fitting.length === 0 ? undefined : fitting.reduce((sum, { value }) => sum + value, 0)
}
