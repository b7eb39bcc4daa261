/**
 * What an oracle answers while the price runs and something is wrong with it: the truth, the answer as designed, and the answer with the faults, step by
 * step, with the widest gaps. The same oracles and faults that scenarios have (`scenario/oracles.ts`).
 */
import { type OracleFault, parseFaults, withFaults } from '../mechanisms/index.ts'
import { breakwaterError, nearest, type UnixSeconds } from '../model/index.ts'
import { type ArenaCrash, secondsOf } from './arena-crash.ts'
import type { ScenarioOracle } from './scenario/fields.ts'
import { marketOracle } from './scenario/oracles.ts'

/** One look: seconds since the start, dollars, seconds of age; an oracle that does not answer has neither answer nor age. */
export type OracleLook = {
  readonly time: number
  readonly truth: number
  readonly designed: number | undefined
  readonly answer: number | undefined
  readonly age: number | undefined
}

/** How far an answer lay from the truth at the worst, a fraction of the truth (above it: > 0), and when. */
export type OracleGap = { readonly gap: number; readonly time: number }

/** Everything. `silent`: seconds without an answer; `changed`: seconds in which the faults changed the answer. */
export type OracleAnswers = {
  readonly kind: 'simulated'
  readonly oracle: string
  readonly faults: readonly string[]
  readonly path: string
  readonly seconds: number
  readonly looks: readonly OracleLook[]
  readonly above: Readonly<Record<'designed' | 'answer', OracleGap>>
  readonly below: Readonly<Record<'designed' | 'answer', OracleGap>>
  readonly oldest: number | undefined
  readonly silent: number
  readonly changed: number
}

/** A look as a row of a table. */
export const ORACLE_COLUMNS: readonly {
  readonly name: string
  readonly type: 'DOUBLE'
  readonly of: (look: OracleLook) => number | undefined
}[] = [
  { name: 'seconds', type: 'DOUBLE', of: ({ time }) => time },
  { name: 'truth_usd', type: 'DOUBLE', of: ({ truth }) => truth },
  { name: 'designed_usd', type: 'DOUBLE', of: ({ designed }) => designed },
  { name: 'answer_usd', type: 'DOUBLE', of: ({ answer }) => answer },
  { name: 'age_seconds', type: 'DOUBLE', of: ({ age }) => age },
]

/** Decimals of the feed: Aave's. */
const SCALE = 1e8
/** A time at which Maker's hops and everybody's heartbeats begin. */
const START = 1_700_006_400 as UnixSeconds

/** Runs the oracle along a path of prices. Throws as the oracle and the faults do. */
export function oracleAnswers(terms: ScenarioOracle, path: ArenaCrash): OracleAnswers {
  let price = path.prices[0] as number
  const prices = { own: () => price, of: () => price }
  const { oracle, faults } = marketOracle(terms, START, prices)
  const broken = withFaults(oracle, faults)
  const truthAt = (dollars: number) => BigInt(Math.round(dollars * SCALE))
  let plain = oracle.start(truthAt(price), START)
  let faulted = broken.start(truthAt(price), START)
  const looks = path.prices.map((dollars, step): OracleLook => {
    const time = (START + Math.round(step * path.seconds)) as UnixSeconds
    price = dollars
    if (step > 0) {
      plain = oracle.step(plain, truthAt(dollars), time)
      faulted = broken.step(faulted, truthAt(dollars), time)
    }
    const [designed, seen] = [oracle.read(plain, time), broken.read(faulted, time)]
    return {
      ...{ time: time - START, truth: dollars, designed: designed && Number(designed.answer) / SCALE },
      ...{ answer: seen && Number(seen.answer) / SCALE, age: seen?.age },
    }
  })
  const gaps = (of: 'designed' | 'answer', sign: 1 | -1): OracleGap =>
    looks.reduce<OracleGap>(
      (worst, look) => {
        const answer = look[of]
        const gap = answer === undefined ? 0 : answer / look.truth - 1
        return sign * gap > sign * worst.gap ? { gap, time: look.time } : worst
      },
      { gap: 0, time: 0 },
    )
  const both = (sign: 1 | -1) => ({ designed: gaps('designed', sign), answer: gaps('answer', sign) })
  const ages = looks.flatMap(({ age }) => (age === undefined ? [] : [age]))
  const during = (of: (look: OracleLook) => boolean) => looks.filter(of).length * path.seconds
  return {
    ...{ kind: 'simulated', oracle: oracleText(terms), faults: faults.map(faultText), path: path.name },
    ...{ seconds: path.seconds, looks, above: both(1), below: both(-1) },
    oldest: ages.length > 0 ? Math.max(...ages) : undefined,
    silent: during(({ answer }) => answer === undefined),
    changed: during(({ designed, answer }) => designed !== answer),
  }
}

/** Parameters of each kind of oracle with the value that stands where none is written: numbers, or seconds as 10m, 1h. */
export const ORACLE_WORDS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  spot: {},
  push: { deviationBps: 50, heartbeat: 3_600, landing: 0 },
  twap: { window: 1_800 },
  ema: { timeConstant: 600 },
  osm: { hop: 3_600 },
  bounded: { step: 0.01, gap: 2.5 },
}

/** Reads `push:deviationBps=50:heartbeat=1h`. Throws `bad-query` for kinds and parameters that there are none of. */
export function parseOracle(text: string): ScenarioOracle {
  const [kind = '', ...rest] = text.trim().split(':')
  const known = Object.hasOwn(ORACLE_WORDS, kind) ? ORACLE_WORDS[kind] : undefined
  if (!known) {
    const kinds = Object.keys(ORACLE_WORDS)
    throw breakwaterError(
      'bad-query',
      `'${kind.slice(0, 40)}' is no oracle`,
      { oracle: text.slice(0, 80) },
      { fix: `Write one of ${kinds.join(', ')}${nearest(kind, kinds)}` },
    )
  }
  return { kind, ...known, ...numbersOf(kind, rest, Object.keys(known)) } as unknown as ScenarioOracle
}

/** Reads `stale@10m+1h`, `spike@0s+5m:factor=1.5`, `down@1h+30m`. Throws `bad-query`, and `bad-scenario` as the fault's own check does. */
export function parseFault(text: string): OracleFault {
  const [head = '', ...rest] = text.trim().split(':')
  const match = /^([a-z-]+)@([^+]+)\+(.+)$/.exec(head)
  const [start, duration] = [secondsOf(match?.[2] ?? ''), secondsOf(match?.[3] ?? '')]
  if (!match || start === undefined || duration === undefined)
    throw breakwaterError(
      'bad-query',
      `'${text.slice(0, 80)}' is no fault`,
      { fault: text.slice(0, 80) },
      { fix: 'Write KIND@START+DURATION with parameters by colon: stale@10m+1h, spike@0s+5m:factor=1.5, down@1h+30m.' },
    )
  const numbers: Record<string, unknown> = numbersOf(match[1] as string, rest, undefined)
  // Bounds of a stuck feed are prices, and a feed counts in its own units.
  for (const bound of ['least', 'most'])
    if (match[1] === 'stuck' && typeof numbers[bound] === 'number')
      numbers[bound] = String(Math.round((numbers[bound] as number) * SCALE))
  return parseFaults([{ kind: match[1], start, duration, ...numbers }], 'fault')[0] as OracleFault
}

function numbersOf(of: string, words: readonly string[], known: readonly string[] | undefined): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', text = ''] = word.split('=')
      const value =
        secondsOf(text) ?? (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text || Number.NaN))
      if (Number.isFinite(value) && (!known || known.includes(name))) return [name, value] as const
      throw breakwaterError(
        'bad-query',
        `'${word.slice(0, 60)}' is no parameter of ${of}`,
        { word: word.slice(0, 60) },
        {
          fix: known?.length
            ? `It has ${known.map((one) => `${one}=…`).join(', ')}.`
            : 'Write name=number; times as 90s, 10m, 1h.',
        },
      )
    }),
  )
}

function oracleText({ kind, faults: _none, ...numbers }: ScenarioOracle): string {
  return [kind, ...Object.entries(numbers).map(([name, value]) => `${name}=${value}`)].join(':')
}

function faultText({ kind, start, duration, feed: _any, ...numbers }: OracleFault): string {
  const rest = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${typeof value === 'bigint' ? Number(value) / SCALE : value}`],
  )
  return [`${kind}@${start - START}s+${duration}s`, ...rest].join(':')
}
