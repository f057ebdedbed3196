// A figure of a benchmark: its unit, format and goal. Pure.

/** Figures of a run by name; null for a missing one. */
export type Figures = Readonly<Record<string, number | null>>

/** Title and unit of a figure. */
export interface FigureStyle {
  readonly title: string
  readonly unit: 'share' | 'count' | 'ms' | 's' | 'cpu' | 'ratio' | 'perSecond' | 'mb' | 'bytes'
}

/** The goal of a figure. */
export interface Bound {
  readonly atLeast?: number
  readonly atMost?: number
}

const NONE = '—'

/** Whether a figure is within its bound. A missing figure is not. */
export function isMet({ atLeast, atMost }: Bound, value: number | null | undefined): boolean {
  if (value === null || value === undefined) return false
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}

export function writeBound({ atLeast, atMost }: Bound, style: FigureStyle): string {
  if (atMost === 0) return 'none'
  const bounds = [
    atLeast === undefined ? [] : [`at least ${writeFigure(atLeast, style)}`],
    atMost === undefined ? [] : [`at most ${writeFigure(atMost, style)}`],
  ]
  return bounds.flat().join(', ')
}

export function writeFigure(value: number | null | undefined, { unit }: FigureStyle): string {
  if (value === null || value === undefined) return NONE
  const whole = Math.round(value).toLocaleString('en')
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(value < 0.1 ? 2 : 1)} %`
    case 'count':
      return value.toLocaleString('en')
    case 'ms':
      return `${whole} ms`
    case 's':
      return `${value.toFixed(1)} s`
    case 'cpu':
      return `${value.toFixed(2)} s`
    case 'ratio':
      return value.toFixed(2)
    case 'perSecond':
      return `${value < 100 ? value.toFixed(1) : whole}/s`
    case 'mb':
      return `${whole} MB`
    case 'bytes':
      return `${whole} bytes`
  }
}

/** Rows of a Markdown table: the first one is its heading. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
