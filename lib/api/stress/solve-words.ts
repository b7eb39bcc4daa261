/** Solutions, figures and knobs in words. */
import { formatNumber, formatUsd } from '../../analytics/index.ts'
import { assert } from '../../model/index.ts'
import type { StressFigure } from './figures.ts'
import type { StressSolve } from './solve.ts'
import { meetsMark, parseMark } from './solve-mark.ts'
import type { StressKnob } from './subject.ts'

/** The answer in sentences. */
export function solveSentences(solve: StressSolve): readonly string[] {
  const { knob, unit, until, figure, figureUnit, present, presentFigure, held, found, crossings, monotone } = solve
  const value = (one: number) => knobText(unit, one)
  const seen = (one: number | undefined) => `${figure} ${figureText(figureUnit, one, 4)}`
  const { than, value: mark } = parseMark(until)
  const head = `solved for ${knob} until ${figure} ${than} ${figureText(figureUnit, mark)}; now ${knob} is ${value(present)} with ${seen(presentFigure)}`
  const range = `from ${value(solve.least)} to ${value(solve.most)}`
  const figures = solve.looked.flatMap((one) => (one.figure === undefined ? [] : [one.figure]))
  const spread =
    figures.length === 0
      ? ''
      : ` (${figure} lies between ${figureText(figureUnit, Math.min(...figures))} and ${figureText(figureUnit, Math.max(...figures))})`
  const weakest = knob === 'shock' ? weakestOf(solve) : []
  const lines =
    found === 'nowhere'
      ? [`not reachable: it holds nowhere ${range}${spread}`]
      : found === 'everywhere'
        ? [`it holds everywhere ${range}${spread}`]
        : crossings.map(
            ({ at, beside, figureAt, figureBeside }, index) =>
              `${index === 0 ? (held ? 'holds up to' : 'does not hold up to') : 'turns again between'} ${value(at)} (${seen(figureAt)}), ${index === 0 ? (held ? 'not from' : 'from') : 'and'} ${value(beside)} on (${seen(figureBeside)})`,
          )
  return [
    head,
    ...weakest,
    ...(weakest.length > 0 && crossings.length === 1 ? [] : lines),
    ...(monotone || solve.looked.length < 3
      ? []
      : [
          `not monotone: over ${solve.looked.length} values looked at, ${figure} rises and falls; other crossings may lie between them`,
        ]),
    ...(solve.partial ? [`PARTIAL: interrupted after ${solve.evaluations} values`] : []),
  ]
}

/** Of a shock the weakest one matters, wherever the asked one stands. */
function weakestOf({ crossings, until, figure, figureUnit, unit }: StressSolve): readonly string[] {
  const mark = parseMark(until)
  const ends = crossings.flatMap(({ at, beside, figureAt, figureBeside }) => [
    { value: at, seen: figureAt, other: beside, otherSeen: figureBeside },
    { value: beside, seen: figureBeside, other: at, otherSeen: figureAt },
  ])
  const holds = ends.filter(({ seen }) => meetsMark(mark, seen)).sort((a, b) => Math.abs(a.value) - Math.abs(b.value))
  const first = holds[0]
  if (!first) return []
  const side = Math.abs(first.value) > Math.abs(first.other) ? 'the weakest shock is' : 'the strongest shock is'
  return [
    `${side} ${knobText(unit, first.value)} (${figure} ${figureText(figureUnit, first.seen, 4)}); at ${knobText(unit, first.other)} it is ${figureText(figureUnit, first.otherSeen, 4)}`,
  ]
}

/** A value of a knob in its unit. */
export function knobText(unit: StressKnob['unit'], value: number): string {
  switch (unit) {
    case 'share':
      return `${value < 0 ? '−' : ''}${Number(Math.abs(value * 100).toFixed(4))} %`
    case 'multiple':
      return `×${formatNumber(value, 4)}`
    case 'seconds':
      return `${formatNumber(value, 4)} s`
    case 'usd':
      return formatUsd(value)
    case 'number':
      return formatNumber(value, 6)
  }
}

/** A figure in its unit, a share with so many decimals of a percent; what is not known is a dash. */
export function figureText(unit: StressFigure['unit'], value: number | undefined, decimals = 2): string {
  if (value === undefined) return '—'
  assert(Number.isFinite(value), `a figure is ${value}`)
  switch (unit) {
    case 'usd':
      return formatUsd(value)
    case 'share':
      return `${value < 0 ? '−' : ''}${Math.abs(value * 100).toFixed(decimals)} %`
    case 'multiple':
      return `×${formatNumber(value, 4)}`
    case 'count':
    case 'coins':
    case 'price':
      return formatNumber(value, 6)
  }
}
