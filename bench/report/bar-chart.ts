// Charts of horizontal bars as SVG, legible on light and dark pages. Pure.

export interface Chart {
  readonly title: string
  readonly bars: readonly {
    readonly label: string
    /** Not below 0. */
    readonly value: number
    /** The formatted value. */
    readonly text: string
    /** Drawn in grey, as one of those that the others are compared with. @default false */
    readonly pale?: boolean
  }[]
}

const WIDTH = 760
const LABEL_WIDTH = 330
const VALUE_WIDTH = 110
const TITLE_HEIGHT = 34
const ROW_HEIGHT = 26
const BAR_HEIGHT = 16
const MARGIN = 10

/** One picture of charts below each other, each with a scale of its own. */
export function barCharts(charts: readonly Chart[]): string {
  const parts: string[] = []
  let height = 0
  for (const chart of charts) {
    parts.push(drawn(chart, height))
    height += TITLE_HEIGHT + chart.bars.length * ROW_HEIGHT + MARGIN
  }
  const title = charts.map((chart) => chart.title).join('; ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
svg { font: 13px system-ui, sans-serif; background: #fff }
text { fill: #24292f }
rect { fill: #2f6feb }
.pale { fill: #8c959f }
.title { font-weight: 600 }
@media (prefers-color-scheme: dark) { svg { background: #0d1117 } text { fill: #e6edf3 } rect { fill: #4c8dff } .pale { fill: #6e7681 } }
</style>
${parts.join('\n')}
</svg>
`
}

function drawn({ title, bars }: Chart, from: number): string {
  const most = Math.max(0, ...bars.map(({ value }) => value))
  const scale = most === 0 ? 0 : (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most
  const rows = bars.map(({ label, value, text, pale = false }, index) => {
    const top = from + TITLE_HEIGHT + index * ROW_HEIGHT
    const baseline = top + BAR_HEIGHT - 4
    const width = Math.max(1, value * scale).toFixed(1)
    const end = (LABEL_WIDTH + Math.max(1, value * scale) + 6).toFixed(1)
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${baseline}" text-anchor="end">${escaped(label)}</text>`,
      `<rect${pale ? ' class="pale"' : ''} x="${LABEL_WIDTH}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text x="${end}" y="${baseline}">${escaped(text)}</text>`,
    ].join('\n')
  })
  return [`<text class="title" x="${MARGIN}" y="${from + 20}">${escaped(title)}</text>`, ...rows].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
