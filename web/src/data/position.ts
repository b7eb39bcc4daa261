/** A position under the rules of every venue: what the page shows, computed here in the browser by the pure rooms. */
import {
  marginOf,
  type PositionFigures,
  type PositionQuestion,
  payerWords,
  positionFigures,
  procedureWords,
  ruleOf,
  standingAt,
  stepSentence,
} from '../../../lib/analytics/index.ts'
import {
  liquidationPrice,
  type MarginMode,
  marketOf,
  maxLeverageAt,
  type PerpProfile,
  type ProfileMarket,
  perpProfiles,
  profileOfVenue,
  type Walk,
  type WalkStep,
  walkPosition,
} from '../../../lib/mechanisms/index.ts'
import { isBreakwaterError } from '../../../lib/model/index.ts'
import { DEFAULT_WORDS, type Field, type Position, type PositionWords, plain } from '../state/position.ts'
import type { FormFacts } from '../ui/position-form.tsx'
import { percent, price } from '../ui/position-words.ts'

/** One step of what happens after the trigger. */
export type Step = {
  readonly title: string
  readonly at: string
  readonly price: number | undefined
  readonly says: string
}

/** Everything about one position at one venue. Prices are quote per coin, amounts in the settle currency. */
export type VenueFigures = {
  readonly profile: PerpProfile
  readonly name: string
  readonly symbol: string
  readonly quote: string
  readonly settle: string
  readonly payoff: 'linear' | 'inverse'
  readonly tickSize: number
  readonly asOf: string
  readonly source: string
  readonly side: 'long' | 'short'
  readonly entry: number
  readonly mark: number
  readonly leverage: number
  readonly days: number
  readonly notional: number
  readonly margin: number
  readonly maintenance: number
  readonly marginRatio: number
  readonly effectiveLeverage: number | undefined
  /** Maintenance rate of the bracket at the liquidation price, and the bracket in words. */
  readonly rate: number
  readonly bracket: string
  readonly liquidationPrice: number | undefined
  /** From mark, a signed fraction. */
  readonly distance: number | undefined
  readonly bankruptcyPrice: number | undefined
  readonly lowestDistance: number | undefined
  readonly lowestRate: number
  readonly fundingPerDay: number
  readonly drainedAfterDays: number | undefined
  readonly procedure: string
  readonly whoPays: string
  readonly steps: readonly Step[]
  readonly stepsAssume: string
  readonly equityAt: (price: number) => number
  readonly maintenanceAt: (price: number) => number
  readonly liquidationAfterDays: (days: number) => number | undefined
}

/** What a venue answers: figures, or why it has none, at the field that would have to change. */
export type VenueAnswer = { readonly venue: string; readonly name: string; readonly symbol: string } & (
  | { readonly figures: VenueFigures }
  | { readonly problem: string; readonly field: Field }
)

/** The rules of today. */
const PROFILES = perpProfiles.filter(({ until }) => until === undefined)

/** The word of a profile in the address: its venue for the first of a venue's profiles, its id for the others. */
function wordOf(profile: PerpProfile): string {
  return PROFILES.find(({ venue }) => venue === profile.venue) === profile ? profile.venue : profile.id
}

type Place = { readonly profile: PerpProfile; readonly market: ProfileMarket }

/** The chosen venue's contract. Throws what is wrong with venue or symbol. */
function placeOf({ venue, symbol }: Pick<PositionWords, 'venue' | 'symbol'>): Place {
  const profile = profileOfVenue(venue, symbol) as PerpProfile
  return { profile, market: marketOf(profile, symbol) }
}

/** The chosen contract, or what is wrong with it and at which field. */
function chosenOf(words: PositionWords): Place | { readonly problem: string; readonly field: Field } {
  try {
    return placeOf(words)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    const known = PROFILES.some((profile) => wordOf(profile) === words.venue || profile.id === words.venue)
    return { problem: `${error.message}.`, field: known ? 'symbol' : 'venue' }
  }
}

/** The profile's contract of a coin, with the same payoff when there is one. */
function sameCoin({ markets }: PerpProfile, coin: string, payoff: ProfileMarket['payoff']): ProfileMarket | undefined {
  const ofCoin = markets.filter((market) => market.coin === coin)
  return ofCoin.find((market) => market.payoff === payoff) ?? ofCoin[0]
}

/** Answers of all venues to the same position: same coins, entry, leverage, added margin and funding a day. */
export function answerVenues(words: PositionWords, position: Position | undefined): readonly VenueAnswer[] {
  const chosen = chosenOf(words)
  const answers = PROFILES.map((profile): VenueAnswer => {
    const isChosen = 'profile' in chosen ? chosen.profile.id === profile.id : false
    const coin = 'market' in chosen ? chosen.market.coin : ''
    const market =
      isChosen && 'market' in chosen
        ? chosen.market
        : sameCoin(profile, coin, 'market' in chosen ? chosen.market.payoff : 'linear')
    const head = { venue: isChosen ? words.venue : wordOf(profile), name: profile.name, symbol: market?.symbol ?? '' }
    if (!market || !('market' in chosen))
      return { ...head, problem: `no contract of ${coin || words.symbol} here`, field: 'symbol' }
    if (!position) return { ...head, problem: 'no position yet', field: 'size' }
    return { ...head, ...answerOf(questionOf(position, chosen, { profile, market })) }
  })
  if (!('problem' in chosen)) return answers
  const wrong = { venue: words.venue, name: words.venue, symbol: words.symbol, ...chosen }
  const place = answers.findIndex(({ venue }) => venue === words.venue)
  return place < 0
    ? [wrong, ...answers]
    : answers.map((answer, at) => (at === place ? { ...wrong, name: answer.name } : answer))
}

/** The position as another contract has it: size and added margin in its units, the funding rate of its own interval. */
function questionOf(position: Position, from: Place, to: Place): PositionQuestion {
  const { size, extra, fundingRate } = convert(position, from, to)
  const mode = modeAt(to.profile, position.mode)
  return {
    ...to,
    position: { side: position.side, size, entryPrice: position.entry },
    mark: position.mark,
    leverage: position.leverage,
    mode,
    extra,
    fundingRate,
    days: position.days,
  }
}

function convert({ size, extra, funding, entry }: Position, from: Place, to: Place) {
  const fundingRate = (funding * to.profile.funding.intervalHours) / from.profile.funding.intervalHours
  if (from.market.payoff === to.market.payoff) return { size, extra, fundingRate }
  const toCoin = to.market.payoff === 'inverse'
  return { size: toCoin ? size * entry : size / entry, extra: toCoin ? extra / entry : extra * entry, fundingRate }
}

/** The venue's mode nearest to the wished one: cross margin of a unified account is its unified mode. */
function modeAt({ modes }: PerpProfile, wished: 'isolated' | 'cross'): MarginMode {
  if (modes.includes(wished)) return wished
  return (wished === 'cross' && modes.includes('unified') ? 'unified' : modes[0]) as MarginMode
}

const FIELD_OF: Readonly<Record<string, Field>> = { 'over-leverage': 'leverage', 'bad-config': 'mode' }

function answerOf(
  question: PositionQuestion,
): { readonly figures: VenueFigures } | { readonly problem: string; readonly field: Field } {
  try {
    return { figures: figuresOf(question) }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return { problem: `${error.message}. ${error.fix}`, field: FIELD_OF[error.code] ?? 'size' }
  }
}

function figuresOf(question: PositionQuestion): VenueFigures {
  const { profile, market, position, mark } = question
  const found = positionFigures(question)
  const lowest = positionFigures({
    ...question,
    position: { ...position, size: market.payoff === 'linear' ? 1e-9 : 1e-4 },
    mark: position.entryPrice,
    extra: 0,
    days: 0,
  })
  const walk = walkOf(question, found)
  const { rule, fee } = ruleOf(profile, question.mode)
  return {
    profile,
    name: found.name,
    symbol: found.symbol,
    quote: found.quote,
    settle: found.settle,
    payoff: found.payoff,
    tickSize: market.tickSize,
    asOf: found.asOf,
    source: found.source,
    side: found.side,
    entry: position.entryPrice,
    mark,
    leverage: question.leverage,
    days: question.days,
    notional: market.payoff === 'linear' ? found.notional : position.size,
    margin: found.margin,
    maintenance: found.maintenanceMargin,
    marginRatio: found.marginRatio ?? Number.POSITIVE_INFINITY,
    effectiveLeverage: found.effectiveLeverage,
    rate: found.maintenanceRate,
    bracket: `bracket ${found.bracket} of ${found.brackets}`,
    liquidationPrice: found.liquidationPrice,
    distance: found.distance,
    bankruptcyPrice: found.bankruptcyPrice,
    lowestDistance: lowest.moveToLiquidation,
    lowestRate: lowest.maintenanceRate,
    fundingPerDay: found.fundingPerDay,
    drainedAfterDays: found.drainedAfterDays,
    procedure: procedureWords(profile),
    whoPays: payerWords(profile),
    steps: stepsOf(walk),
    stepsAssume: `The price moves ${percent(walk.perSecond, 1, false)} a second; the book takes half of each liquidation order, ${percent(walk.slippage, 2, false)} worse than the mark.`,
    equityAt: (at) => standingAt(question, at).equity,
    maintenanceAt: (at) => standingAt(question, at).maintenance,
    liquidationAfterDays: (days) =>
      liquidationPrice(market, position, { margin: marginOf({ ...question, days }), rule, fee })?.price,
  }
}

/** The walk that the page tells: to beyond the bankruptcy price, with a book that takes half, and a fund that is never empty. */
function walkOf(
  { profile, market, position, mark }: PositionQuestion,
  { bankruptcyPrice, margin }: PositionFigures,
): Walk {
  const far = position.side === 'long' ? (bankruptcyPrice ?? mark) / 2 : (bankruptcyPrice ?? mark) * 2
  const until = position.side === 'long' ? Math.min(mark, far) : Math.max(mark, far)
  return {
    profile,
    market,
    position,
    mark,
    margin,
    until,
    stride: 0,
    perSecond: 0.001,
    depth: 0.5,
    slippage: 0.0005,
    fund: Number.MAX_SAFE_INTEGER,
  }
}

const TITLES: Readonly<Record<WalkStep['state'], string>> = {
  healthy: 'Still safe',
  'margin-call': 'Margin call',
  liquidatable: 'Trigger',
  partial: 'Liquidation order',
  cured: 'Cured',
  closed: 'Closed',
  'taken-over': 'Takeover',
  'surplus-returned': 'The rest is returned',
  'rest-kept': 'The rest is kept',
  'insurance-draw': 'The insurance fund pays',
  deleverage: 'Auto-deleveraging',
  socialised: 'Socialised loss',
  'bad-debt': 'Bad debt',
}

/** Steps after the first, which is the position as it stands. */
function stepsOf(walk: Walk): readonly Step[] {
  try {
    return walkPosition(walk)
      .slice(1)
      .map((step) => {
        const says = stepSentence(step, walk)
        const at = price(step.mark, walk.market)
        return {
          title: TITLES[step.state],
          at,
          price: step.mark,
          says: `${says.charAt(0).toUpperCase()}${says.slice(1)}.`,
        }
      })
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return [{ title: 'No walk', at: '', price: undefined, says: `${error.message}.` }]
  }
}

/** What the form needs to know about the chosen venue; the default venue stands in for one that is none. */
export function factsOf(words: PositionWords): FormFacts {
  const chosen = chosenOf(words)
  const { profile, market } = 'profile' in chosen ? chosen : placeOf(DEFAULT_WORDS)
  const [size, entry] = [Number(words.size), Number(words.entry)]
  return {
    venues: PROFILES.map((one) => ({ id: profile.id === one.id ? words.venue : wordOf(one), name: one.name })),
    symbols: profile.markets.map(({ symbol }) => symbol),
    modes: ['isolated', 'cross'].filter((mode) => modeAt(profile, mode as 'cross') === mode || mode === 'cross'),
    sizeUnit: market.payoff === 'linear' ? market.coin : market.quote,
    quote: market.quote,
    settle: market.settle,
    maxLeverage: size > 0 && entry > 0 ? largestLeverage(market, size, entry) : 1,
    intervalHours: profile.funding.intervalHours,
    notional: market.payoff === 'linear' ? size * entry : size / entry,
  }
}

function largestLeverage(market: ProfileMarket, size: number, entry: number): number {
  try {
    return maxLeverageAt(market, size, entry)
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return 1
  }
}

/** What leverages survive, from the entry: as their margin says, in the lowest bracket, and at this size and margin. */
export function leveragesOf(words: PositionWords, position: Position | undefined) {
  const chosen = chosenOf(words)
  return [2, 3, 5, 10, 20, 50, 100].map((leverage) => {
    const answer =
      position && 'profile' in chosen
        ? answerOf(questionOf({ ...position, leverage, extra: 0, days: 0 }, chosen, chosen))
        : undefined
    const figures = answer && 'figures' in answer ? answer.figures : undefined
    return {
      leverage,
      margin: (position?.side === 'short' ? 1 : -1) / leverage,
      lowest: figures?.lowestDistance,
      here: figures?.distance,
    }
  })
}

/** The same position in the words of another venue. */
export function atVenue(words: PositionWords, venue: string): Partial<PositionWords> {
  const chosen = chosenOf(words)
  const profile = PROFILES.find((one) => wordOf(one) === venue || one.id === venue)
  const market =
    profile && 'market' in chosen ? sameCoin(profile, chosen.market.coin, chosen.market.payoff) : profile?.markets[0]
  if (!profile || !market) return { venue }
  if (!('profile' in chosen)) return { venue, symbol: market.symbol }
  const number = (field: Field) => Number(words[field])
  const { size, extra, fundingRate } = convert(
    { size: number('size'), extra: number('extra'), funding: number('funding'), entry: number('entry') } as Position,
    chosen,
    { profile, market },
  )
  const patch = { venue, symbol: market.symbol, size, extra, funding: fundingRate }
  return Object.fromEntries(
    Object.entries(patch).flatMap(([field, value]) =>
      typeof value === 'string'
        ? [[field, value]]
        : Number.isFinite(value)
          ? [[field, plain(Number(value.toPrecision(8)))]]
          : [],
    ),
  )
}

/** The command line that gives the same liquidation price. */
export function commandOf(words: PositionWords): string {
  const chosen = chosenOf(words)
  const mode = 'profile' in chosen ? modeAt(chosen.profile, words.mode === 'cross' ? 'cross' : 'isolated') : words.mode
  const first = 'profile' in chosen ? chosen.profile.modes[0] : undefined
  const more = [
    ...(words.mark === '' ? [] : [`--mark ${words.mark}`]),
    ...(mode === first ? [] : [`--mode ${mode}`]),
    ...(Number(words.extra) === 0 ? [] : [`--extra ${words.extra}`]),
    ...(Number(words.days) === 0 ? [] : [`--funding ${words.funding}% --days ${words.days}`]),
  ]
  const { venue, symbol, side, size, entry, leverage } = words
  return [
    `breakwater perp liquidation-price --venue ${venue} --symbol ${symbol} --side ${side} --size ${size} --entry ${entry} --leverage ${leverage}`,
    ...more,
  ].join(' ')
}
