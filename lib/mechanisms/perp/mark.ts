/** Mark prices: one step per sample, as each venue's rule says. All prices are quote per coin, all times ms. */
import {
  EMPTY_TIMED_EMA,
  EMPTY_WINDOW,
  emaValue,
  type MovingWindow,
  type TimedEma,
  timedEmaStep,
  windowStep,
} from './ema.ts'
import { clampStep, isStale, type OracleUpdate } from './hip3.ts'
import { checkedFinite, checkedOptional, checkedPositive } from './mark-checks.ts'
import { medianOf } from './mark-median.ts'
import type { MarkRule } from './profile.ts'

/** What a sample brings; `undefined` = missing. `external` are mark inputs from outside: the median of other venues, or a HIP-3 deployer's prices. */
export type MarkInputs = {
  readonly now: number
  readonly index?: number | undefined
  readonly oracle?: number | undefined
  readonly bid?: number | undefined
  readonly ask?: number | undefined
  readonly last?: number | undefined
  readonly external?: readonly number[] | undefined
  /** Last funding rate (fraction per interval), time until the next payment and the interval, ms. */
  readonly fundingRate?: number | undefined
  readonly toFundingMs?: number | undefined
  readonly intervalMs?: number | undefined
}

/** What a rule remembers between samples. */
export type MarkState = {
  readonly mark: number | undefined
  readonly basis: MovingWindow
  readonly basisEma: TimedEma
  readonly localEma: TimedEma
  /** The deployer's last update of a HIP-3 market. */
  readonly update: OracleUpdate | undefined
}

/** A rule that has seen nothing. */
export const EMPTY_MARK: MarkState = {
  mark: undefined,
  basis: EMPTY_WINDOW,
  basisEma: EMPTY_TIMED_EMA,
  localEma: EMPTY_TIMED_EMA,
  update: undefined,
}

/** Usual distance of samples where a rule names none, ms: the weight of a first sample. */
const SAMPLE_MS = 3_000

/** Binance's first price: `Index · (1 + lastFundingRate · timeToFunding / interval)`. */
export function fundingPrice(index: number, fundingRate: number, toFundingMs: number, intervalMs: number): number {
  return (
    checkedPositive('index', index) *
    (1 + (checkedFinite('funding rate', fundingRate) * toFundingMs) / checkedPositive('interval', intervalMs))
  )
}

/** Hyperliquid's third of three: `median(best bid, best ask, last trade)`. */
export function localMark({ bid, ask, last }: Pick<MarkInputs, 'bid' | 'ask' | 'last'>): number | undefined {
  return medianOf([checkedOptional('bid', bid), checkedOptional('ask', ask), checkedOptional('last price', last)])
}

/**
 * Hyperliquid's mark: median of `oracle + EMA(mid − oracle)`, the local mark and the median of other venues; when exactly two exist, the 30 s
 * average of the local mark is the third. Source: documentation, "robust price indices".
 */
export function hyperliquidMark(inputs: {
  readonly oracle: number | undefined
  readonly emaBasis: number | undefined
  readonly local: number | undefined
  readonly external: number | undefined
  readonly localEma?: number | undefined
}): number | undefined {
  const { oracle, emaBasis = 0, local, external, localEma } = inputs
  const three = [oracle === undefined ? undefined : oracle + emaBasis, local, external]
  const two = three.filter((value) => value !== undefined).length === 2
  return medianOf(two ? [...three, localEma] : three)
}

/** Takes a sample; `mark` stays what it was when the sample says nothing. Refuses (`bad-number`) prices that are not above 0. */
export function markStep(rule: MarkRule, state: MarkState, inputs: MarkInputs): MarkState {
  const next = stepOf(rule, state, inputs)
  return next.mark === undefined ? { ...next, mark: state.mark } : next
}

function stepOf(rule: MarkRule, state: MarkState, inputs: MarkInputs): MarkState {
  const { now, index, bid, ask, last } = inputs
  const mid = bid !== undefined && ask !== undefined ? (bid + ask) / 2 : undefined
  switch (rule.kind) {
    case 'oracle':
      return { ...state, mark: checkedOptional('oracle', inputs.oracle) }
    case 'binance-median': {
      const basis = windowStep(state.basis, difference(mid, index), now, rule.windowMs, rule.sampleMs)
      return { ...state, basis, mark: binanceMark(inputs, basis.mean, last) }
    }
    case 'index-plus-basis': {
      const basis = windowStep(state.basis, difference(mid, index), now, rule.windowMs, SAMPLE_MS)
      if (index === undefined) return { ...state, basis, mark: undefined }
      const part = rule.bound ?? Number.POSITIVE_INFINITY
      const held = Math.min(index * part, Math.max(-index * part, basis.mean ?? 0))
      return { ...state, basis, mark: index + held }
    }
    case 'fair-basis':
      return { ...state, mark: fairMark(inputs) }
    case 'hyperliquid':
      return hyperliquidStep(rule, state, inputs, mid)
    case 'hip3':
      return hip3Step(rule, state, inputs)
  }
}

function difference(mid: number | undefined, index: number | undefined): number | undefined {
  return mid === undefined || index === undefined ? undefined : mid - index
}

function binanceMark(
  { index, fundingRate = 0, toFundingMs = 0, intervalMs = 28_800_000 }: MarkInputs,
  basis: number | undefined,
  last: number | undefined,
) {
  const first = index === undefined ? undefined : fundingPrice(index, fundingRate, toFundingMs, intervalMs)
  const second = index === undefined ? undefined : index + (basis ?? 0)
  return medianOf([first, second, checkedOptional('last price', last)])
}

/** BitMEX: index with what funding still adds until it is paid. Source: bitmex.com/app/fairPriceMarking. */
function fairMark({
  index,
  fundingRate = 0,
  toFundingMs = 0,
  intervalMs = 28_800_000,
}: MarkInputs): number | undefined {
  return index === undefined ? undefined : fundingPrice(index, fundingRate, toFundingMs, intervalMs)
}

function hyperliquidStep(
  rule: Extract<MarkRule, { kind: 'hyperliquid' }>,
  state: MarkState,
  inputs: MarkInputs,
  mid: number | undefined,
): MarkState {
  const { now, oracle, external } = inputs
  const local = localMark(inputs)
  const basis = difference(mid, checkedOptional('oracle', oracle))
  const basisEma =
    basis === undefined ? state.basisEma : timedEmaStep(state.basisEma, basis, now, rule.emaMs, SAMPLE_MS)
  const localEma =
    local === undefined ? state.localEma : timedEmaStep(state.localEma, local, now, rule.fallbackEmaMs, SAMPLE_MS)
  const mark = hyperliquidMark({
    oracle,
    emaBasis: emaValue(basisEma),
    local,
    external: medianOf(external ?? []),
    localEma: emaValue(localEma),
  })
  return { ...state, basisEma, localEma, mark }
}

/** New mark = median(deployer's prices, local mark), within a step of the last; the local mark alone once the deployer is silent. */
function hip3Step(rule: Extract<MarkRule, { kind: 'hip3' }>, state: MarkState, inputs: MarkInputs): MarkState {
  const { now, external = [] } = inputs
  const local = localMark(inputs)
  const early = state.update !== undefined && now - state.update.time < rule.minGapMs
  if (external.length > 0 && !early) {
    const wanted = medianOf([...external.map((price) => checkedPositive('external price', price)), local]) as number
    const price = state.mark === undefined ? wanted : clampStep(state.mark, wanted, rule.maxStep)
    return { ...state, mark: price, update: { price, time: now } }
  }
  return isStale(state.update, now, rule) ? { ...state, mark: local } : { ...state, mark: undefined }
}
