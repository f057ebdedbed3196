// A chart of horizontal bars as SVG, legible on light and dark pages. Pure.

export interface Chart {
  readonly title: string
  readonly bars: readonly {
    readonly label: string
    /** Not below 0. */
    readonly value: number
    /** The formatted value. */
    readonly text: string
  }[]
}

const WIDTH = 760
const LABEL_WIDTH = 330
const VALUE_WIDTH = 110
const TITLE_HEIGHT = 34
const ROW_HEIGHT = 26
const BAR_HEIGHT = 16

export function barChart({ title, bars }: Chart): string {
  const height = TITLE_HEIGHT + bars.length * ROW_HEIGHT + 10
  const most = Math.max(0, ...bars.map(({ value }) => value))
  const scale = most === 0 ? 0 : (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most
  const rows = bars.map(({ label, value, text }, index) => {
    const top = TITLE_HEIGHT + index * ROW_HEIGHT
    const baseline = top + BAR_HEIGHT - 4
    const width = Math.max(1, value * scale).toFixed(1)
    const end = (LABEL_WIDTH + Math.max(1, value * scale) + 6).toFixed(1)
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${baseline}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text x="${end}" y="${baseline}">${escaped(text)}</text>`,
    ].join('\n')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
svg { font: 13px system-ui, sans-serif; background: #fff }
text { fill: #24292f }
rect { fill: #2f6feb }
.title { font-weight: 600 }
@media (prefers-color-scheme: dark) { svg { background: #0d1117 } text { fill: #e6edf3 } rect { fill: #4c8dff } }
</style>
<text class="title" x="10" y="20">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
