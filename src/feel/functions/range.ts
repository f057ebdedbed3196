// FEEL's functions on ranges and points (Allen's interval algebra), as feel-scala has them.
import { isPoint, order } from '../compare.ts'
import { type Boundary, EngineError, FeelRange, kindOf, type Value } from '../value.ts'
import { valueText } from '../value-text.ts'
import { aliased, type Builtins } from './builtin.ts'

const POINT_RANGE = [
  ['point', 'range'],
  ['range1', 'range2'],
]
const RANGE_POINT = [
  ['range', 'point'],
  ['range1', 'range2'],
]
const RANGES = [['range1', 'range2']]
const ANY = [
  ['point1', 'point2'],
  ['point', 'range'],
  ['range', 'point'],
  ['range1', 'range2'],
]

interface Rule {
  readonly ranges?: (x: FeelRange, y: FeelRange) => boolean
  readonly pointRange?: (point: Value, range: FeelRange) => boolean
  readonly rangePoint?: (range: FeelRange, point: Value) => boolean
  readonly points?: (x: Value, y: Value) => boolean
}

export const rangeFunctions: Builtins = {
  before: rule(ANY, {
    ranges: (x, y) =>
      isLess(x.end, y.start) || (isEqual(x.end, y.start) && !(x.end.closed && y.start.closed)),
    pointRange: (point, { start }) => less(point, start.value) || (same(point, start.value) && !start.closed),
    rangePoint: ({ end }, point) => less(end.value, point) || (same(end.value, point) && !end.closed),
    points: less,
  }),
  after: rule(ANY, {
    ranges: (x, y) =>
      isLess(y.end, x.start) || (isEqual(x.start, y.end) && !(x.start.closed && y.end.closed)),
    pointRange: (point, { end }) => less(end.value, point) || (same(point, end.value) && !end.closed),
    rangePoint: ({ start }, point) => less(point, start.value) || (same(start.value, point) && !start.closed),
    points: (x, y) => less(y, x),
  }),
  meets: rule(RANGES, { ranges: (x, y) => touches(x.end, y.start) }),
  'met by': rule(RANGES, { ranges: (x, y) => touches(x.start, y.end) }),
  overlaps: rule(RANGES, {
    ranges: (x, y) =>
      (isLess(y.start, x.end) || touches(x.end, y.start)) &&
      (isLess(x.start, y.end) || touches(x.start, y.end)),
  }),
  'overlaps before': rule(RANGES, { ranges: overlapsBefore }),
  'overlaps after': rule(RANGES, { ranges: (x, y) => overlapsBefore(y, x) }),
  finishes: rule(POINT_RANGE, { ranges: finishes, pointRange: (point, range) => endsAt(range, point) }),
  'finished by': rule(
    [
      ['point', 'range'],
      ['range1', 'range2'],
    ],
    {
      ranges: (x, y) => finishes(y, x),
      rangePoint: endsAt,
    },
  ),
  includes: rule(RANGE_POINT, { ranges: includes, rangePoint: holds }),
  during: rule(POINT_RANGE, {
    ranges: (x, y) => includes(y, x),
    pointRange: (point, range) => holds(range, point),
  }),
  starts: rule(POINT_RANGE, { ranges: starts, pointRange: (point, range) => startsAt(range, point) }),
  'started by': rule(RANGE_POINT, { ranges: (x, y) => starts(y, x), rangePoint: startsAt }),
  coincides: rule(
    [
      ['point1', 'point2'],
      ['range1', 'range2'],
    ],
    {
      ranges: (x, y) => isSame(x.start, y.start) && isSame(x.end, y.end),
      points: same,
      pointRange: () => false,
      rangePoint: () => false,
    },
  ),
}

/** @throws EngineError if the function has no rule for the pair, like Scala's MatchError. */
function rule(names: readonly (readonly string[])[], { ranges, pointRange, rangePoint, points }: Rule) {
  return aliased(names, (x = null, y = null) => {
    if (!isPoint(inside(x)) || kindOf(inside(x)) !== kindOf(inside(y))) return undefined
    const result =
      x instanceof FeelRange
        ? y instanceof FeelRange
          ? ranges?.(x, y)
          : rangePoint?.(x, y)
        : y instanceof FeelRange
          ? pointRange?.(x, y)
          : points?.(x, y)
    if (result !== undefined) return result
    const pair = `(${valueText(x)},${valueText(y)})`
    throw new EngineError(`scala.MatchError: ${pair} (of class scala.Tuple2)`)
  })
}

function inside(value: Value): Value {
  return value instanceof FeelRange ? value.start.value : value
}

function less(x: Value, y: Value): boolean {
  return order(x, y) < 0
}

function same(x: Value, y: Value): boolean {
  return order(x, y) === 0
}

function isLess(x: Boundary, y: Boundary): boolean {
  return less(x.value, y.value)
}

function isEqual(x: Boundary, y: Boundary): boolean {
  return same(x.value, y.value)
}

function isSame(x: Boundary, y: Boundary): boolean {
  return isEqual(x, y) && x.closed === y.closed
}

function touches(x: Boundary, y: Boundary): boolean {
  return isEqual(x, y) && x.closed && y.closed
}

/** Whether a range that starts at `x` starts no later than one that starts at `y`. */
function startsBy(x: Boundary, y: Boundary): boolean {
  return isLess(x, y) || (isEqual(x, y) && (x.closed || !y.closed))
}

/** Whether a range that ends at `x` ends no earlier than one that ends at `y`. */
function endsBy(x: Boundary, y: Boundary): boolean {
  return isLess(y, x) || (isEqual(x, y) && (x.closed || !y.closed))
}

function overlapsBefore(x: FeelRange, y: FeelRange): boolean {
  const startsEarlier =
    isLess(x.start, y.start) || (isEqual(x.start, y.start) && x.start.closed && !y.start.closed)
  return startsEarlier && (isLess(y.start, x.end) || touches(x.end, y.start)) && endsBy(y.end, x.end)
}

function finishes(x: FeelRange, y: FeelRange): boolean {
  return isSame(x.end, y.end) && startsBy(y.start, x.start)
}

function starts(x: FeelRange, y: FeelRange): boolean {
  return isSame(x.start, y.start) && endsBy(y.end, x.end)
}

function includes(x: FeelRange, y: FeelRange): boolean {
  return startsBy(x.start, y.start) && endsBy(x.end, y.end)
}

function endsAt({ end }: FeelRange, point: Value): boolean {
  return end.closed && same(end.value, point)
}

function startsAt({ start }: FeelRange, point: Value): boolean {
  return start.closed && same(start.value, point)
}

function holds(range: FeelRange, point: Value): boolean {
  const within = less(range.start.value, point) && less(point, range.end.value)
  return within || startsAt(range, point) || endsAt(range, point)
}
