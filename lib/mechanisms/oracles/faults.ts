/**
 * What goes wrong with oracles, as data: a list of faults with start and duration, laid over any oracle without touching it. The truth goes on
 * underneath, so the same scenario can be run with a fault and without it.
 */
import { breakwaterError, type FeedId, type UnixSeconds } from '../../model/index.ts'
import { checkedTruth, type Oracle, type OracleReading, readingOf } from './oracle.ts'

/** When a fault holds, unix seconds: from `start` for `duration` seconds (the end excluded); `feed`: of one feed, else of every one. */
export type FaultSpan = { readonly feed?: FeedId | undefined; readonly start: number; readonly duration: number }

/**
 * The eight kinds. `stale`: the answer and its time stand still. `stuck`: the answer does not leave its bounds (feed units, decimal text in JSON)
 * and claims to be fresh. `spike`: times `factor`. `wrong-unit`: times 10^`shift`. `capped`: a ratio cap that lies `gap` (fraction) below
 * the ratio. `delayed`: what the oracle said `by` seconds ago. `down`: no answer. `tvl-manipulated`: an index of a value locked, into which
 * somebody puts `deposit` dollars (negative: takes) on `tvl` dollars.
 */
export type OracleFault = FaultSpan &
  (
    | { readonly kind: 'stale' }
    | { readonly kind: 'stuck'; readonly least?: bigint | undefined; readonly most?: bigint | undefined }
    | { readonly kind: 'spike'; readonly factor: number }
    | { readonly kind: 'wrong-unit'; readonly shift: number }
    | { readonly kind: 'capped'; readonly gap: number }
    | { readonly kind: 'delayed'; readonly by: number }
    | { readonly kind: 'down' }
    | { readonly kind: 'tvl-manipulated'; readonly tvl: number; readonly deposit: number }
  )

/** Numbers that a kind takes beside its span, with the bounds (excluded where `open`) that make sense of them. */
const NUMBERS: Readonly<
  Record<OracleFault['kind'], Readonly<Record<string, { least: number; most: number; open?: boolean }>>>
> = {
  stale: {},
  stuck: {},
  spike: { factor: { least: 0, most: 1e6, open: true } },
  'wrong-unit': { shift: { least: -36, most: 36 } },
  capped: { gap: { least: 0, most: 1, open: true } },
  delayed: { by: { least: 1, most: 31_536_000 } },
  down: {},
  'tvl-manipulated': { tvl: { least: 0, most: 1e18, open: true }, deposit: { least: -1e18, most: 1e18 } },
}

/** Reads a list of faults from data (parsed JSON). Throws `bad-scenario` naming every place that is wrong, as `faults[2].gap`. */
export function parseFaults(data: unknown, place = 'faults'): readonly OracleFault[] {
  const problems: string[] = []
  const faults = Array.isArray(data) ? data.map((one, index) => faultOf(one, `${place}[${index}]`, problems)) : []
  if (!Array.isArray(data)) problems.push(`${place} is no list`)
  if (problems.length > 0)
    throw breakwaterError('bad-scenario', problems.join('; '), { problems: problems.length, first: problems[0] })
  return faults as readonly OracleFault[]
}

function faultOf(data: unknown, place: string, problems: string[]): OracleFault | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    problems.push(`${place} is no object`)
    return undefined
  }
  const fields = data as Record<string, unknown>
  const numbers = NUMBERS[fields.kind as OracleFault['kind']]
  if (typeof fields.kind !== 'string' || !Object.hasOwn(NUMBERS, fields.kind)) {
    problems.push(`${place}.kind is ${show(fields.kind)}; it is one of ${Object.keys(NUMBERS).join(', ')}`)
    return undefined
  }
  if (fields.feed !== undefined && typeof fields.feed !== 'string')
    problems.push(`${place}.feed is ${show(fields.feed)}, no name`)
  checkNumber(fields.start, `${place}.start`, { least: 0, most: 4_102_444_800 }, problems)
  checkNumber(fields.duration, `${place}.duration`, { least: 0, most: 4_102_444_800, open: true }, problems)
  for (const [name, bounds] of Object.entries(numbers)) checkNumber(fields[name], `${place}.${name}`, bounds, problems)
  if (fields.kind === 'wrong-unit' && !Number.isInteger(fields.shift))
    problems.push(`${place}.shift is no whole number`)
  const known = new Set([
    'kind',
    'feed',
    'start',
    'duration',
    ...Object.keys(numbers),
    ...(fields.kind === 'stuck' ? ['least', 'most'] : []),
  ])
  for (const name of Object.keys(fields))
    if (!known.has(name)) problems.push(`${place}.${name} is not known of ${fields.kind}`)
  if (fields.kind === 'tvl-manipulated' && Number(fields.deposit) <= -Number(fields.tvl))
    problems.push(`${place}.deposit takes all of the value locked, or more`)
  if (fields.kind !== 'stuck') return data as OracleFault
  const [least, most] = [
    boundOf(fields.least, `${place}.least`, problems),
    boundOf(fields.most, `${place}.most`, problems),
  ]
  if (least === undefined && most === undefined) problems.push(`${place} has neither least nor most`)
  if (least !== undefined && most !== undefined && least > most) problems.push(`${place}.least is above most`)
  return { ...(data as FaultSpan), kind: 'stuck', least, most }
}

function checkNumber(
  value: unknown,
  place: string,
  { least, most, open }: { least: number; most: number; open?: boolean },
  problems: string[],
): void {
  const inside =
    typeof value === 'number' && value >= least && value <= most && !(open && (value === least || value === most))
  if (!inside)
    problems.push(`${place} is ${show(value)}; it lies between ${least} and ${most}${open ? ', both excluded' : ''}`)
}

function boundOf(value: unknown, place: string, problems: string[]): bigint | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'bigint' && value > 0n) return value
  if (typeof value === 'string' && /^[1-9]\d*$/.test(value)) return BigInt(value)
  problems.push(`${place} is ${show(value)}; it is a whole number above 0, as text`)
  return undefined
}

const show = (value: unknown) =>
  value === undefined ? 'missing' : typeof value === 'bigint' ? String(value) : JSON.stringify(value)

/** The state beneath, as far back as the faults look (oldest first), and what a fault that stands still saw when it began. */
export type FaultedState<S> = {
  readonly inner: S
  readonly past: readonly { readonly time: UnixSeconds; readonly state: S }[]
  readonly held: readonly (OracleReading | 'none' | undefined)[]
}

/** The oracle with the faults over it, of all or of those of one feed. Faults that hold at once act in the order of the list. */
export function withFaults<S, T>(
  oracle: Oracle<S, T>,
  faults: readonly OracleFault[],
  feed?: FeedId,
): Oracle<FaultedState<S>, T> {
  const active = faults.filter((fault) => fault.feed === undefined || feed === undefined || fault.feed === feed)
  const reach = Math.max(0, ...active.map((fault) => (fault.kind === 'delayed' ? fault.by : 0)))
  const begun = (state: FaultedState<S>, fault: OracleFault) =>
    oracle.read(state.inner, fault.start as UnixSeconds) ?? 'none'
  return {
    id: `${oracle.id} with faults`,
    start: (truth, time) => {
      const inner = oracle.start(truth, time)
      return { inner, past: [{ time, state: inner }], held: active.map(() => undefined) }
    },
    step(state, truth, time) {
      const held = active.map((fault, index) =>
        fault.kind === 'stale' && time >= fault.start ? (state.held[index] ?? begun(state, fault)) : state.held[index],
      )
      const inner = oracle.step(state.inner, truth, time)
      const needed = state.past.findLastIndex((one) => one.time <= time - reach)
      return { inner, past: [...state.past.slice(Math.max(0, needed)), { time, state: inner }], held }
    },
    read(state, time) {
      let reading = oracle.read(state.inner, time)
      for (const [index, fault] of active.entries()) {
        if (time < fault.start || time >= fault.start + fault.duration) continue
        if (fault.kind === 'stale') {
          const stood = state.held[index] ?? begun(state, fault)
          reading = stood === 'none' ? undefined : readingOf(stood.answer, stood.updated, time)
        } else if (fault.kind === 'delayed') {
          const then = Math.max(time - fault.by, state.past[0]?.time ?? time) as UnixSeconds
          const old = oracle.read((state.past.findLast((one) => one.time <= then) as { state: S }).state, then)
          reading = old && readingOf(old.answer, old.updated, time)
        } else reading = reading && distorted(reading, fault, time)
      }
      return reading
    },
  }
}

const PARTS = 10 ** 9

/** A wrong answer of the right time; fractions count to nine decimals, products are rounded down, and an answer below 1 is none. */
function distorted(
  reading: OracleReading,
  fault: Exclude<OracleFault, { kind: 'stale' | 'delayed' }>,
  time: UnixSeconds,
): OracleReading | undefined {
  const { answer, updated } = reading
  const times = (factor: number) =>
    answerOf((answer * BigInt(Math.round(factor * PARTS))) / BigInt(PARTS), updated, time)
  switch (fault.kind) {
    case 'down':
      return undefined
    case 'stuck': {
      const above = fault.least !== undefined && answer < fault.least ? fault.least : answer
      return readingOf(fault.most !== undefined && above > fault.most ? fault.most : above, time, time)
    }
    case 'spike':
      return times(fault.factor)
    case 'capped':
      return times(1 - fault.gap)
    case 'tvl-manipulated':
      return times(1 + fault.deposit / fault.tvl)
    case 'wrong-unit':
      return answerOf(
        fault.shift >= 0 ? answer * 10n ** BigInt(fault.shift) : answer / 10n ** BigInt(-fault.shift),
        updated,
        time,
      )
  }
}

function answerOf(answer: bigint, updated: UnixSeconds, time: UnixSeconds): OracleReading | undefined {
  return answer > 0n ? readingOf(checkedTruth('fault', answer), updated, time) : undefined
}
