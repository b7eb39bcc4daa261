/** The scenario file, field by field: what each means, its unit and bounds. Types of the program and the JSON Schema of editors both come from here. */
import {
  above,
  any,
  choice,
  data,
  either,
  list,
  may,
  names,
  number,
  type Of,
  object,
  pair,
  text,
  whole,
} from './shape.ts'

const SECONDS = 31_536_000 * 5
const seconds = (says: string) => number(`${says}, seconds`, 0, SECONDS)
const since = (says: string) => seconds(`${says}, from the start`)

const jumps = object('jumps of a Poisson process', {
  perDay: number('how many a day, on average', 0, 1_000),
  mean: number('mean of a jump’s logarithm', -2, 2),
  deviation: number('standard deviation of a jump’s logarithm', 0, 2),
})

/** How a price (or a ratio) goes without anybody being forced. */
export const pathShape = either('how the price goes', {
  still: {},
  list: { prices: list('one price a step', above('a price above 0'), 1) },
  shock: {
    move: above('the fall (below 0) or rise as a fraction: −0.2 is −20 %', -1, 10),
    at: may(since('when it comes')),
    over: may(seconds('how long it takes; at once when left out')),
    back: may(seconds('how long until it has come back; never when left out')),
  },
  linear: {
    to: above('the price at the end'),
    from: may(since('when it begins to move')),
    until: may(since('when it arrives; at the end of the run when left out')),
  },
  gbm: {
    volatility: number('per √day, a fraction: 0.04 is 4 %', 0, 10),
    drift: may(number('per day, of the logarithm', -10, 10)),
    correlation: may(number('with the common factor of all such paths', -1, 1)),
    jumps: may(jumps),
  },
  recorded: {
    points: list(
      'seconds from the start and price; the last price holds on',
      pair('time and price', since('when'), above('a price above 0')),
      1,
    ),
  },
})

const bookSide = (says: string) =>
  list(says, pair('price and size', above('a price above 0'), above('coins above 0')), 1, 10_000)

/** What forced orders do to a price. */
export const impactShape = either('what forced orders do to the price', {
  none: {},
  linear: { perCoin: number('dollars of price per coin', 0) },
  exponential: { perCoin: number('logarithm of price per coin', 0) },
  'two-percent': { usd: above('dollars of sales that move the price by 2 %') },
  'square-root': {
    y: may(number('factor of the law, about 1', 0, 100)),
    dailyVolatility: number('volatility per day, a fraction', 0, 10),
    dailyVolume: above('coins traded a day'),
  },
  pool: {
    reserve: above('coins on one side of the pool'),
    fee: may(number('fee of what goes in, a fraction', 0, 0.5)),
  },
  book: { mid: above('middle price'), bids: bookSide('bids, best first'), asks: bookSide('asks, best first') },
})

/** A coin's market. */
export const marketShape = object('a market of the coin', {
  impact: impactShape,
  permanent: may(number('part of every push that stays for good, a fraction', 0, 1)),
  halfLife: may(above('seconds in which half of the rest is refilled; it stays when left out')),
  withdrawal: may(number('makers leave e^(−κ · volatility per √hour) of their depth: κ', 0, 10_000)),
})

const asset = object('a coin', {
  price: may(above('dollars per coin at the start; of a follower: what it is worth in what it follows')),
  path: may(pathShape),
  beta: may(number('part of the news that it takes', -10, 10)),
  market: may(marketShape),
  venues: may(names('other markets of the same coin, by name; written coin@name elsewhere', marketShape)),
  follows: may(
    text('the coin whose price it follows (stETH: ETH); without a market of its own it is sold as that coin'),
  ),
  stablecoin: may(
    object('a stablecoin with elastic demand: bought back by borrowers it rises above its peg', {
      demand: above('dollars that hold it, whatever its price'),
      supply: above('coins outstanding'),
    }),
  ),
})

const oracleFields = { faults: may(data('what goes wrong with it')) }
const oracle = either('an oracle', {
  spot: { ...oracleFields },
  push: {
    deviationBps: number('change that starts a round, basis points', 0, 10_000),
    heartbeat: above('longest time without a round, seconds'),
    landing: may(seconds('how long a round takes to land')),
    ...oracleFields,
  },
  twap: { window: above('window of the average, seconds'), ...oracleFields },
  ema: { timeConstant: above('time constant of the average, seconds'), ...oracleFields },
  osm: { hop: may(above('delay of Maker’s oracle, seconds; an hour when left out')), ...oracleFields },
  capo: {
    base: text('the coin in which the ratio is measured'),
    snapshotRatio: above('ratio at the snapshot'),
    snapshotAge: number('age of the snapshot at the start, seconds', 604_800, 15_552_000),
    yearlyGrowth: number('how much the cap grows in a year, a fraction', 0, 10),
    ...oracleFields,
  },
  bounded: {
    step: above('most that an update moves, a fraction', 0, 1),
    gap: above('least time between updates, seconds'),
    stale: may(above('age at which it no longer answers, seconds')),
    ...oracleFields,
  },
})

const book = either('whose loans stand in the room', {
  borrowers: {
    borrowers: list(
      'loans',
      object('a loan', { id: text('its name'), coins: above('coins of collateral'), debt: above('dollars owed') }),
      1,
      100_000,
    ),
  },
  drawn: {
    accounts: whole('how many', 1, 100_000),
    debt: above('debt of all together, dollars'),
    lowLtv: above('least loan-to-value, a fraction', 0, 0.999),
    highLtv: above('largest loan-to-value, a fraction', 0, 0.999),
    crowding: may(above('1: even between them; more: denser towards the upper one', 0, 100)),
    sizeSpread: may(number('spread of the logarithm of sizes', 0, 5)),
    seed: may(text('chance of this book; rooms with one word have the same borrowers')),
  },
  file: {
    file: text('a CSV or JSON file beside the scenario with id, coins and debt of each loan'),
    mostLtv: may(above('loans with a larger loan-to-value at the start are left out, a fraction', 0, 0.999)),
  },
})

const room = object('a protocol with its loans', {
  name: text('its name in the run'),
  mechanism: text('how it liquidates'),
  collateral: text('the coin, or coin@market where it is sold'),
  price: may(text('the coin, or coin@market, that its oracle sees; the collateral’s main market when left out')),
  debt: may(text('the stablecoin owed; dollars when left out')),
  oracle: may(text('an oracle by its name; spot when left out')),
  params: may(names('parameters that differ from the mechanism’s own', number('a number'))),
  book,
})

const liquidator = object('liquidators of one kind', {
  name: text('their name'),
  count: may(whole('how many', 1, 1_000)),
  capital: may(number('dollars each has; flash loans need none', 0)),
  flashFee: may(
    number(
      'fee of a flash loan, a fraction; own money only when left out, which can also wait for what is settled later',
      0,
      0.5,
    ),
  ),
  leastProfit: may(number('least profit of one liquidation, dollars', 0)),
  tipShare: may(number('part of the profit given for being first, a fraction', 0, 1)),
  latency: may(whole('steps between seeing an offer and bidding on it', 0, 100_000)),
  gasCeiling: may(number('gas price above which its transactions are stuck, gwei', 0)),
  absent: may(list('when it is away', object('an absence', { from: since('since when'), until: since('until when') }))),
})

const strike = object('open interest at a strike', {
  strike: above('dollars'),
  volatility: above('implied, per year, a fraction', 0, 20),
  days: above('to expiry', 0, 3_650),
  notional: above('dollars at the index'),
  dealersShort: may(number('share that dealers are short; −1: they are long', -1, 1)),
})

const lender = object('a lender', {
  id: text('its name'),
  share: may(above('part of the drawn loans, in proportion')),
  callLtv: above('loan-to-value of a margin call, a fraction', 0, 10),
  liquidationLtv: above('loan-to-value at which it sells, a fraction', 0, 10),
  cureHours: number('time to cure, hours', 0, 8_760),
  cureChance: number('chance that a borrower tops up, a fraction', 0, 1),
  cureLtv: above('loan-to-value after a cure, a fraction', 0, 10),
  lookEvery: whole('hours between two looks', 1, 8_760),
})

/** Somebody who trades what is liquidated. */
export const traderShape = either('somebody who buys or sells', {
  'options-dealers': {
    name: text('their name'),
    market: text('coin or coin@market'),
    strikes: list('strikes', strike, 1, 1_000),
  },
  'margin-lenders': {
    name: text('their name'),
    market: text('coin or coin@market'),
    lenders: list('lenders', lender, 1, 1_000),
    schedule: choice('when they look', ['simultaneous', 'staggered']),
    loans: either('their loans', {
      drawn: {
        count: whole('how many', 1, 100_000),
        debt: above('dollars of all together'),
        ltv: above('mean loan-to-value at the start, a fraction', 0, 1),
        spread: number('standard deviation of it', 0, 0.5),
      },
      list: {
        loans: list(
          'loans',
          object('a loan', {
            id: text('its name'),
            lender: text('a lender’s id'),
            debt: above('dollars'),
            coins: above('coins'),
          }),
          1,
        ),
      },
    }),
  },
  'seized-sale': {
    name: text('its name'),
    market: text('coin or coin@market'),
    coins: above('coins to sell'),
    at: may(since('when it begins')),
    days: above('horizon, days', 0, 3_650),
    steps: whole('parts of it', 1, 10_000),
    volatility: number('dollars per √day', 0),
    halfSpread: number('half the spread, dollars', 0),
    permanent: number('permanent impact, dollars per coin', 0),
    temporary: above('temporary impact, dollars per coin a day'),
    riskAversion: number('aversion to variance, 1 / dollars', 0),
    dealer: object('a dealer’s discount', {
      base: number('dollars per coin', 0),
      slope: number('more for the whole lot, dollars per coin', 0),
    }),
    signalling: may(number('what being seen costs, dollars per coin', 0)),
    road: may(choice('where it is sold', ['cheapest', 'exchange', 'over-the-counter'])),
  },
  'funding-drain': {
    name: text('their name'),
    market: text('coin or coin@market'),
    positions: list(
      'leveraged positions',
      object('a position', {
        side: choice('its side', ['long', 'short']),
        coins: above('its size, coins'),
        leverage: above('its leverage at the start', 1, 1_000),
        entry: may(above('entry price, dollars; the price at the start when left out')),
      }),
      1,
      100_000,
    ),
    maintenance: above('maintenance margin, a fraction of the notional', 0, 1),
    rate: number('funding rate of one interval, a fraction; above 0 longs pay', -1, 1),
    intervalHours: above('hours of an interval', 0, 8_760),
  },
  arbitrage: {
    name: text('its name'),
    markets: list('markets of one coin: coin or coin@market', text('a market'), 2, 20),
    cost: number('what a round trip costs, a fraction of the price', 0, 1),
    lag: may(whole('steps until it acts on what it saw', 0, 100_000)),
    most: may(above('coins it moves in one step at most')),
  },
})

/** The whole file. */
export const scenarioShape = object('a scenario', {
  name: text('what it is called'),
  about: may(text('what it shows, in a sentence')),
  seed: any('the seed of all chance, text or a whole number', text('a seed'), whole('a seed', 0, 2 ** 52)),
  start: any(
    'when it begins: ISO time with its zone, or unix seconds',
    text('an ISO time'),
    whole('unix seconds', 1_230_940_800, 4_102_444_799),
  ),
  stepSeconds: whole('seconds of a step', 1, 86_400),
  steps: whole('how many steps', 1, 100_000),
  assets: names('coins by their symbol', asset),
  oracles: may(names('oracles by their name', oracle)),
  rooms: list('protocols', room, 0, 50),
  liquidators: may(list('liquidators', liquidator, 0, 100)),
  competition: may(choice('who comes first where several want one offer', ['open-auction', 'sealed-bids', 'fastest'])),
  gas: may(
    object('what a transaction costs', {
      asset: text('the coin that pays for it'),
      units: number('gas of one liquidation', 0, 1e8),
      gwei: any(
        'gas price in gwei: one, or points of seconds and price with straight lines between them',
        number('gwei', 0),
        list('points', pair('time and price', since('when'), number('gwei', 0)), 1),
      ),
    }),
  ),
  news: may(
    list(
      'headlines that move everything',
      object('a jump', { at: since('when'), size: above('the jump as a fraction: −0.05 is −5 %', -1, 10) }),
    ),
  ),
  traders: may(list('everybody else who has to trade', traderShape, 0, 100)),
})

/** A scenario as its file says it, checked. */
export type Scenario = Of<typeof scenarioShape>
/** An asset of a scenario. */
export type ScenarioAsset = Of<typeof asset>
/** An oracle of a scenario. */
export type ScenarioOracle = Of<typeof oracle>
/** A room of a scenario. */
export type ScenarioRoom = Of<typeof room>
/** A liquidator of a scenario. */
export type ScenarioLiquidator = Of<typeof liquidator>
/** A trader of a scenario. */
export type ScenarioTrader = Of<typeof traderShape>
/** A path of a scenario. */
export type ScenarioPath = Of<typeof pathShape>
/** A market of a scenario. */
export type ScenarioMarket = Of<typeof marketShape>
