/** The traders of a scenario as traders of the market. */
import type { Prng } from '../../model/index.ts'
import type { Depth } from '../market/depth.ts'
import type { Trader } from '../market/run.ts'
import { arbitrageur } from '../market/traders/arbitrageur.ts'
import { fundingDrain } from '../market/traders/funding-drain.ts'
import { drawLoans, marginLenders } from '../market/traders/margin-lenders.ts'
import { optionsDealers } from '../market/traders/options-dealers.ts'
import { seizedSeller } from '../market/traders/seized-sale.ts'
import type { Scenario, ScenarioTrader } from './fields.ts'

/** What traders are made with: depths by market, chance, and who catches what cannot be made. */
export type TraderSetup = {
  readonly depths: ReadonlyMap<string, Depth>
  readonly chance: Prng
  readonly attempt: <T>(place: string, make: () => T) => T | undefined
}

/** Every trader of a scenario that can be made. */
export function tradersOf({ traders = [] }: Scenario, { depths, chance, attempt }: TraderSetup): readonly Trader[] {
  return traders.flatMap(
    (terms, at) => attempt(`traders[${at}]`, () => traderOf(terms, depths, chance.fork(terms.name))) ?? [],
  )
}

function traderOf(terms: ScenarioTrader, depths: ReadonlyMap<string, Depth>, chance: Prng): Trader {
  const depthAt = (symbol: string) => depths.get(symbol) as Depth
  switch (terms.kind) {
    case 'options-dealers':
      return optionsDealers({ id: terms.name, symbol: terms.market, strikes: terms.strikes })
    case 'arbitrage': {
      const markets = new Map(terms.markets.map((symbol) => [symbol, depthAt(symbol)]))
      const { name, cost, lag = 0, most = Number.MAX_VALUE } = terms
      return arbitrageur({ id: name, markets, cost, lag, most })
    }
    case 'funding-drain': {
      const { name, market, positions, maintenance, rate, intervalHours } = terms
      const price = depthAt(market).price()
      const opened = positions.map((one) => ({ ...one, entry: one.entry ?? price }))
      return fundingDrain({ id: name, symbol: market, positions: opened, maintenance, rate, intervalHours })
    }
    case 'margin-lenders':
      return lendersOf(terms, depthAt(terms.market), chance)
    case 'seized-sale': {
      const { name, market, at = 0, road = 'cheapest', dealer, signalling = 0, coins, ...execution } = terms
      return seizedSeller({
        ...{ id: name, symbol: market, at, road, dealer, signalling },
        execution: { ...execution, quantity: coins },
      })
    }
  }
}

function lendersOf(terms: Extract<ScenarioTrader, { kind: 'margin-lenders' }>, depth: Depth, chance: Prng): Trader {
  const { name, market, schedule, loans } = terms
  const lenders = terms.lenders.map((one, at) => ({
    ...one,
    // Staggered: the looks of one round are spread evenly over its hours.
    firstLook: schedule === 'simultaneous' ? 0 : Math.floor((at * one.lookEvery) / terms.lenders.length),
  }))
  const shares = terms.lenders.map(({ id, share = 1 }) => ({ id, share }))
  const drawn = loans.kind === 'list' ? loans.loans : drawLoans(loans, shares, depth.price(), chance.fork('loans'))
  return marginLenders({ id: name, symbol: market, lenders, loans: drawn, depth }, chance.fork('cures'))
}
