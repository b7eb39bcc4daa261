/**
 * The inverse question: at which value of a knob a figure crosses a mark. The whole range is looked at in steps first, so that a figure that turns
 * round is told as one; then every crossing is halved down to what the knob can tell apart. The greatest fixed point of a cascade is monotone in the
 * shock and in the depth; a market that is run by the protocols' own rules need not be, and is believed only as far as it was looked at.
 */
import { breakwaterError, nearest } from '../../model/index.ts'
import type { StressFigure } from './figures.ts'
import { markText, meetsMark, type SolveMark, type SolveWords } from './solve-mark.ts'
import type { Asked, StressKnob } from './subject.ts'
import type { Watched } from './watched.ts'

/** Where the mark is crossed: the last value (from the present one outwards) on this side, the first on the other, and the figure at both. */
export type SolveCrossing = {
  readonly at: number
  readonly beside: number
  readonly figureAt: number | undefined
  readonly figureBeside: number | undefined
}

/** The answer. `held`: whether the mark is met at the present value; crossings the nearest to it first, `at` being where what holds now ends. */
export type StressSolve = {
  readonly knob: string
  readonly unit: StressKnob['unit']
  readonly until: string
  readonly figure: string
  readonly figureUnit: StressFigure['unit']
  readonly present: number
  readonly presentFigure: number | undefined
  readonly held: boolean
  readonly least: number
  readonly most: number
  readonly finest: number
  readonly found: 'crossed' | 'everywhere' | 'nowhere'
  readonly crossings: readonly SolveCrossing[]
  /** False: over the values that were looked at the figure both rises and falls. */
  readonly monotone: boolean
  readonly looked: readonly { readonly value: number; readonly figure: number | undefined }[]
  readonly evaluations: number
  readonly partial: boolean
}

/** Values that are looked at before anything is halved. */
const LOOKS = 24

/** Solves. Throws `bad-query` for knobs and figures that there are none of. Stopped, it gives what was looked at. */
export function stressSolve({ subject, question }: Asked, words: SolveWords, watched?: Watched): StressSolve {
  const knob = knobOf({ subject, question }, words.knob)
  const mark = words.until
  let evaluations = 0
  const seen = new Map<number, StressFigure>()
  const figureAt = (value: number): number | undefined => {
    const known = seen.get(value)
    if (known) return known.value
    const turned = value === knob.value ? { subject, question } : subject.turned(knob, value, question)
    const told = turned.subject.figures(turned.question, mark.figure, watched && { goOn: watched.goOn })
    const found = figureOf(told, mark.figure, question.cascade)
    seen.set(value, found)
    evaluations += 1
    return found.value
  }
  const goOn = () => watched?.goOn() ?? true
  const values = looksOf(knob)
  const looked: { value: number; figure: number | undefined }[] = []
  for (const value of values) {
    if (looked.length > 0 && !goOn()) break
    const figure = figureAt(value)
    // What was stopped while it ran is no figure.
    if (!goOn() && looked.length > 0) break
    looked.push({ value, figure })
    watched?.at?.('values', looked.length, values.length)
  }
  const crossings: SolveCrossing[] = []
  for (let at = 1; at < looked.length && goOn(); at++) {
    const [low, high] = [looked[at - 1], looked[at]] as const
    if (low && high && meetsMark(mark, low.figure) !== meetsMark(mark, high.figure))
      crossings.push(halved(knob, mark, low.value, high.value, figureAt, goOn))
  }
  const partial = !goOn()
  const held = meetsMark(mark, figureAt(knob.value))
  return {
    ...{ knob: knob.name, unit: knob.unit, until: markText(mark), figure: mark.figure, present: knob.value },
    ...{ presentFigure: figureAt(knob.value), figureUnit: seen.get(knob.value)?.unit ?? 'count', held },
    ...{ least: knob.least, most: knob.most, finest: knob.finest },
    found: crossings.length > 0 ? 'crossed' : held ? 'everywhere' : 'nowhere',
    crossings: crossings.sort((a, b) => away(knob, a.at) - away(knob, b.at)).map((one) => outward(knob, one)),
    ...{ monotone: isMonotone(looked.map(({ figure }) => figure)), looked, evaluations, partial },
  }
}

const away = (knob: StressKnob, value: number) =>
  knob.scale === 'log' ? Math.abs(Math.log(value / knob.value)) : Math.abs(value - knob.value)

/** `at` is the end that is nearer to the present value. */
function outward(knob: StressKnob, one: SolveCrossing): SolveCrossing {
  if (away(knob, one.at) <= away(knob, one.beside)) return one
  return { at: one.beside, beside: one.at, figureAt: one.figureBeside, figureBeside: one.figureAt }
}

/** Rounded to what the knob tells apart: whole steps of a linear one, six digits of the other. */
function rounded({ scale, finest, least, most }: StressKnob, value: number): number {
  const near =
    scale === 'log' ? Number(value.toPrecision(6)) : Number((Math.round(value / finest) * finest).toPrecision(12))
  return Math.min(most, Math.max(least, near))
}

function looksOf(knob: StressKnob): readonly number[] {
  const { least, most, scale, value } = knob
  const between = Array.from({ length: LOOKS + 1 }, (_, at) => {
    const part = at / LOOKS
    return rounded(knob, scale === 'log' ? least * (most / least) ** part : least + (most - least) * part)
  })
  // The present value is looked at whatever the steps are.
  return [...new Set([...between, value])].sort((a, b) => a - b)
}

function halved(
  knob: StressKnob,
  mark: SolveMark,
  from: number,
  to: number,
  figureAt: (value: number) => number | undefined,
  goOn: () => boolean,
): SolveCrossing {
  let [low, high] = [from, to]
  const side = meetsMark(mark, figureAt(low))
  const wide = () => (knob.scale === 'log' ? high / low - 1 > knob.finest : high - low > knob.finest * 1.000_001)
  while (wide() && goOn()) {
    const middle = rounded(knob, knob.scale === 'log' ? Math.sqrt(low * high) : (low + high) / 2)
    if (middle <= low || middle >= high) break
    if (meetsMark(mark, figureAt(middle)) === side) low = middle
    else high = middle
  }
  return { at: low, beside: high, figureAt: figureAt(low), figureBeside: figureAt(high) }
}

/** Differences below a billionth are of floats. */
function isMonotone(figures: readonly (number | undefined)[]): boolean {
  const known = figures.filter((one): one is number => one !== undefined)
  const slack = 1e-9 * Math.max(1, ...known.map(Math.abs))
  const steps = known.slice(1).map((one, at) => one - (known[at] as number))
  return steps.every((one) => one >= -slack) || steps.every((one) => one <= slack)
}

function knobOf({ subject, question }: Asked, word: string): StressKnob {
  const knobs = subject.knobs(question)
  const shock = question.shocks[0]
  // LT alone is of the coin that is shocked.
  const names =
    /^(LT|bonus|penalty)$/i.test(word) && shock && 'asset' in shock ? [`${shock.asset}.${word}`, word] : [word]
  for (const name of names) {
    const found = knobs.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (found) return found
  }
  const known = knobs.map(({ name }) => name).filter((name) => !name.includes(':'))
  throw breakwaterError(
    'bad-query',
    `'${word.slice(0, 60)}' cannot be solved for here`,
    { solve: word.slice(0, 60) },
    { fix: `Solve for one of ${known.slice(0, 60).join(', ')}${nearest(word, known)}` },
  )
}

function figureOf(told: readonly StressFigure[], name: string, cascade: boolean): StressFigure {
  const found = told.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (found) return found
  const names = told.map((one) => one.name)
  // Of a coin that did not move there is no figure, though there is one of others: that is nothing known, no mistake.
  if (
    /^[A-Za-z]\w*\.(lowest|sold)$/.test(name) &&
    names.some((one) => one.endsWith('.lowest') || one.includes('.restsAt'))
  )
    return { name, unit: name.endsWith('sold') ? 'coins' : 'price', value: undefined }
  throw breakwaterError(
    'bad-query',
    `there is no figure '${name.slice(0, 60)}'`,
    { figure: name.slice(0, 60) },
    {
      fix: `Figures are ${names.join(', ')}${nearest(name, names)}${cascade ? '' : ' With --cascade there are those of the market too.'}`,
    },
  )
}
