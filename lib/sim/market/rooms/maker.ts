/** Maker vaults, liquidated by Dutch auction (Clip) or by English auction in two phases (Flip) with keepers who bid against each other. */
import {
  type MakerClipAction,
  type MakerClipper,
  type MakerClipState,
  type MakerFlipAction,
  type MakerFlipAuction,
  type MakerFlipper,
  type MakerFlipState,
  type MakerVat,
  makerClip,
  makerFlip,
  makerGreatestLot,
  makerLeastBid,
} from '../../../mechanisms/index.ts'
import { type AssetAmount, atoms } from '../../../model/index.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const ILK = 'COIN-A'
const FEED = 'coin/dai'
const RAY = 10n ** 27n
const RAD = 10n ** 45n
const WAD = 10n ** 18n
const rad = (value: number) => wad(value) * RAY
const ray = (value: number) => wad(value) * 10n ** 9n

const VAULT_PARAMS = {
  liquidationRatio: {
    value: 1.2,
    least: 1.01,
    most: 5,
    says: 'collateral per debt below which a vault is liquidated, a ratio',
  },
  penalty: { value: 0.13, least: 0, most: 0.5, says: 'added to the debt that an auction has to raise, a fraction' },
  dust: { value: 100, least: 0, most: 1e6, says: 'least debt of a vault, DAI' },
} as const

/** Dutch auctions. */
export const clipRoom: RoomKind = {
  id: 'maker-clip',
  title: 'Maker 2.0: Dutch auction',
  exactness: 'bytecode',
  params: {
    ...VAULT_PARAMS,
    buf: { value: 1.2, least: 1, most: 3, says: 'price at the start over the oracle’s, a ratio' },
    cut: { value: 0.99, least: 0.5, most: 0.9999, says: 'price after a step over the one before, a ratio' },
    step: { value: 90, least: 1, most: 3_600, says: 'seconds of a step' },
    tail: { value: 8_400, least: 60, most: 86_400, says: 'seconds until an auction must be restarted' },
    cusp: {
      value: 0.4,
      least: 0.01,
      most: 0.99,
      says: 'part of the first price at which it must be restarted, a fraction',
    },
    tip: { value: 300, least: 0, most: 10_000, says: 'incentive for starting an auction, DAI' },
  },
  order: [['step', 'tail']],
  line: ({ liquidationRatio = 1 }) => 1 / liquidationRatio,
  make: makeClip,
}

/** English auctions. */
export const flipRoom: RoomKind = {
  id: 'maker-flip',
  title: 'Maker 1.x: English auction',
  exactness: 'bytecode',
  params: {
    ...VAULT_PARAMS,
    lot: { value: 50, least: 0.01, most: 1e6, says: 'most coins in one auction' },
    beg: { value: 1.05, least: 1.0001, most: 2, says: 'least step of a bid, a ratio' },
    ttl: { value: 600, least: 10, most: 86_400, says: 'seconds a bid stands' },
    tau: { value: 21_600, least: 60, most: 604_800, says: 'seconds an auction lasts' },
    keepers: { value: 6, least: 0, most: 60, whole: true, says: 'how many keepers could bid' },
    cash: { value: 2e6, least: 0, most: 1e9, says: 'DAI of each keeper' },
    margin: { value: 0.03, least: 0, most: 0.9, says: 'what a keeper wants below the market, a fraction' },
    gasSpread: {
      value: 0.8,
      least: 0,
      most: 5,
      says: 'spread of the log of the gas prices that keepers’ scripts bear',
    },
    gasMedian: { value: 200, least: 1, most: 1e5, says: 'median of those gas prices, gwei' },
    bidGas: { value: 150_000, least: 0, most: 1e7, says: 'gas of a keeper’s transaction, units' },
  },
  order: [['ttl', 'tau']],
  line: ({ liquidationRatio = 1 }) => 1 / liquidationRatio,
  make: makeFlip,
}

function vatOf(setup: RoomSetup, { liquidationRatio = 0, dust = 0 }: Readonly<Record<string, number>>): MakerVat {
  return {
    ...{ par: RAY, base: 0n, Line: 10n ** 12n * RAD, urns: new Map(), gem: new Map(), dai: new Map(), debt: 0n },
    ilks: new Map([
      [
        ILK,
        {
          ...{
            gem: 'COIN',
            feed: FEED,
            mat: ray(liquidationRatio),
            line: 10n ** 12n * RAD,
            dust: rad(dust),
            duty: RAY,
          },
          ...{ Art: 0n, rate: RAY, rho: BigInt(setup.start) },
        },
      ],
    ]),
    vow: { wait: 0n, dai: 0n, sin: 0n, queued: 0n, queue: new Map() },
  }
}

function openings(setup: RoomSetup) {
  return setup.borrowers.map(({ id, coins, debt }) => ({
    who: id,
    action: { do: 'frob', ilk: ILK, account: id, dink: wad(coins), dart: wad(debt) } as const,
  }))
}

function outsideOf(setup: RoomSetup) {
  return {
    ...{ id: setup.id, faults: setup.faults },
    // DAI is owed at its face: surplus and deficit are the Vow's.
    protocol: 'rest' as const,
    assets: new Map([
      ['COIN', { symbol: setup.symbol, decimals: 18 }],
      ['DAI', { symbol: setup.debtSymbol ?? 'USD', decimals: 45 }],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote: setup.debtSymbol, decimals: 18, oracle: setup.oracle }]]),
  }
}

/** The vault whose collateral is in an auction: it is not safe before that is settled. */
const vaultOf = ({ owner }: { readonly owner: string }) => `${ILK}/${owner}`

/** A lot that nobody has paid for yet, and what it has to raise: what it brings beyond that goes back to its owner. */
type OpenLot = { readonly owner: string; readonly lot: bigint; readonly tab: bigint }

/** Vaults, collateral that came back to an owner and waits for him, and his lots that nobody has bid for. */
function standings(
  vat: MakerVat,
  lots: Iterable<OpenLot>,
  { borrowers, symbol, debtSymbol = 'USD' }: RoomSetup,
): readonly Standing[] {
  const rate = Number(vat.ilks.get(ILK)?.rate ?? RAY) / 1e27
  const open = new Map<string, { coins: bigint; dai: bigint }>()
  for (const { owner, lot, tab } of lots) {
    const own = open.get(owner) ?? { coins: 0n, dai: 0n }
    open.set(owner, { coins: own.coins + lot, dai: own.dai + tab })
  }
  return borrowers.map(({ id }) => {
    const [urn, back] = [vat.urns.get(ILK)?.get(id), vat.gem.get(ILK)?.get(id) ?? 0n]
    const { coins, dai: due } = open.get(id) ?? { coins: 0n, dai: 0n }
    return {
      id,
      holds: { [symbol]: Number((urn?.ink ?? 0n) + back + coins) / 1e18 },
      owes: { [debtSymbol]: (Number(urn?.art ?? 0n) / 1e18) * rate + dai(due) },
    }
  })
}

function makeClip(setup: RoomSetup): RoomMaker {
  const params = paramsOf(clipRoom, setup.params)
  const { penalty = 0, buf = 1, cut = 1, step = 1, tail = 0, cusp = 0, tip = 0 } = params
  const clipper: MakerClipper = {
    curve: { type: 'stairstep', cut: ray(cut), step: BigInt(Math.round(step)) },
    ...{ chop: wad(1 + penalty), hole: 10n ** 12n * RAD, dirt: 0n, buf: ray(buf), tail: BigInt(Math.round(tail)) },
    ...{ cusp: ray(cusp), tip: rad(tip), chip: WAD / 1_000n, stopped: 0n, kicks: 0n },
  }
  const state: MakerClipState = {
    vat: vatOf(setup, params),
    dog: { Hole: 10n ** 12n * RAD, Dirt: 0n },
    clippers: new Map([[ILK, clipper]]),
    sales: new Map(),
  }
  openBook(makerClip, state, momentOf(setup.start, { [FEED]: scaled(setup.price, 18) }), openings(setup))
  return roomOf<MakerClipState, MakerClipAction>({
    ...outsideOf(setup),
    mechanism: makerClip,
    state,
    standings: ({ vat, sales }) => standings(vat, sales.get(ILK)?.values() ?? [], setup),
    pending: ({ sales }) => [...(sales.get(ILK)?.values() ?? [])].map(vaultOf),
  })
}

function makeFlip(setup: RoomSetup): RoomMaker {
  const params = paramsOf(flipRoom, setup.params)
  const { penalty = 0, lot = 0, beg = 1, ttl = 0, tau = 0 } = params
  const flipper: MakerFlipper = {
    lot: { kind: 'lump', lump: wad(lot) },
    ...{ chop: ray(1 + penalty), beg: wad(beg), ttl: BigInt(Math.round(ttl)), tau: BigInt(Math.round(tau)), kicks: 0n },
  }
  const state: MakerFlipState = {
    vat: vatOf(setup, params),
    cat: { box: 10n ** 12n * RAD, litter: 0n },
    flippers: new Map([[ILK, flipper]]),
    auctions: new Map(),
  }
  openBook(makerFlip, state, momentOf(setup.start, { [FEED]: scaled(setup.price, 18) }), openings(setup))
  const keepers = keepersOf(params)
  return roomOf<MakerFlipState, MakerFlipAction>({
    ...outsideOf(setup),
    mechanism: makerFlip,
    state,
    // Keepers of an English auction wait for their reward, so they are no takers of offers: each looks at every auction himself.
    openTo: 'keepers',
    choresBy: 'liquidators',
    chores: (now, view) =>
      keep(now, keepers, params, view, view.price(setup.symbol)).map((chore) => ({ ...chore, gas: params.bidGas })),
    standings: ({ vat, auctions }) =>
      standings(
        vat,
        [...(auctions.get(ILK)?.values() ?? [])].filter(({ bid }) => bid === 0n),
        setup,
      ),
    owed: waiting,
    pending: ({ auctions }) => [...(auctions.get(ILK)?.values() ?? [])].map(vaultOf),
  })
}

/** A keeper: the gas price above which his transactions are stuck, and his money. */
type Keeper = { readonly id: string; readonly ceiling: number; readonly cash: number }

/** Ceilings at the quantiles of a lognormal, so that the same parameters give the same keepers. */
function keepersOf({
  keepers = 0,
  cash = 0,
  gasMedian = 0,
  gasSpread = 0,
}: Readonly<Record<string, number>>): readonly Keeper[] {
  const count = Math.round(keepers)
  return Array.from({ length: count }, (_, at) => {
    const [p, ids] = [(at + 0.5) / count, String(at + 1)]
    // Logistic quantiles stand for normal ones (scale √3/π): no table is needed and the tails are as heavy as congestion's.
    const z = (Math.sqrt(3) / Math.PI) * Math.log(p / (1 - p))
    return { id: `keeper-${ids}`, ceiling: gasMedian * Math.exp(gasSpread * z), cash }
  })
}

/** One round: whoever gets a transaction in bites, ends what has ended, and bids what is still worth it. */
function keep(
  state: MakerFlipState,
  keepers: readonly Keeper[],
  params: Readonly<Record<string, number>>,
  view: ChoreView,
  price: number,
): readonly Chore<MakerFlipAction>[] {
  const awake = keepers.filter(({ ceiling }) => view.gasPrice <= ceiling)
  const first = awake[0]
  if (!first) return []
  const chores: Chore<MakerFlipAction>[] = []
  for (const target of makerFlip.targets(state)) {
    if (target.includes('#') || !makerFlip.assess(state, target, view.at)?.liquidatable) continue
    chores.push({ actor: first.id, action: { do: 'bite', ilk: ILK, account: target.slice(ILK.length + 1) } })
  }
  const spent = spentBy(state)
  for (const [number, auction] of state.auctions.get(ILK) ?? []) {
    const time = BigInt(view.at.time)
    const place = { ilk: ILK, auction: number }
    const ended = auction.end <= time || (auction.tic !== 0n && auction.tic <= time)
    if (ended) {
      if (auction.tic === 0n) chores.push({ actor: first.id, action: { do: 'tick', ...place } })
      else
        chores.push(
          { actor: auction.guy, action: { do: 'deal', ...place } },
          { actor: auction.guy, action: { do: 'exit-gem', ilk: ILK, account: auction.guy, wad: auction.lot } },
        )
      continue
    }
    const bid = bidOn(state, number, awake, spent, params.margin ?? 0, price)
    if (bid) chores.push(bid)
  }
  return [...chores, ...refunds(state)]
}

/** Money of each keeper that stands in auctions, DAI. */
function spentBy({ auctions }: MakerFlipState): Map<string, number> {
  const spent = new Map<string, number>()
  for (const { guy, bid } of auctions.get(ILK)?.values() ?? []) spent.set(guy, (spent.get(guy) ?? 0) + dai(bid))
  return spent
}

/** Lots that stand against a bid are their bidders', and so is what keepers have in the Vat. */
function waiting({ vat, auctions }: MakerFlipState): readonly AssetAmount[] {
  const own = (held: ReadonlyMap<string, bigint> | undefined) =>
    [...(held ?? [])].reduce((sum, [who, amount]) => (who.startsWith('keeper-') ? sum + amount : sum), 0n)
  const lots = [...(auctions.get(ILK)?.values() ?? [])].reduce((sum, { bid, lot }) => (bid > 0n ? sum + lot : sum), 0n)
  return [
    { asset: 'COIN', atoms: atoms(lots + own(vat.gem.get(ILK))) },
    { asset: 'DAI', atoms: atoms(own(vat.dai)) },
  ]
}

/** Who was outbid takes his money out of the Vat. */
function refunds({ vat }: MakerFlipState): readonly Chore<MakerFlipAction>[] {
  return [...vat.dai].flatMap(([account, amount]) =>
    amount > 0n && account.startsWith('keeper-')
      ? [{ actor: account, action: { do: 'exit-dai', account, rad: amount } as const }]
      : [],
  )
}

/** The next bid: the least step, by the first keeper but the leader who has the money and still gains; without a rival the first bid is next to nothing. */
function bidOn(
  state: MakerFlipState,
  number: string,
  awake: readonly Keeper[],
  spent: Map<string, number>,
  margin: number,
  price: number,
): Chore<MakerFlipAction> | undefined {
  const [terms, auction] = [state.flippers.get(ILK), state.auctions.get(ILK)?.get(number)]
  if (!terms || !auction) return undefined
  const rising = auction.bid < auction.tab
  // A single keeper who is awake leads with his first bid and has nobody to answer.
  const rivals = awake.filter(({ id }) => id !== auction.guy)
  const money = dai(rising ? nextBid(terms, auction, price * (1 - margin), rivals.length) : auction.bid)
  const keeper = rivals.find(({ id, cash }) => money <= cash - (spent.get(id) ?? 0))
  if (!keeper) return undefined
  const place = { ilk: ILK, auction: number, guy: keeper.id }
  const lot = rising ? auction.lot : makerGreatestLot(terms, auction)
  if (lot <= 0n || money > (Number(lot) / 1e18) * price * (1 - margin)) return undefined
  spent.set(keeper.id, (spent.get(keeper.id) ?? 0) + money)
  if (!rising) return { actor: keeper.id, action: { do: 'dent', ...place, lot } }
  const bid = nextBid(terms, auction, price * (1 - margin), rivals.length)
  return { actor: keeper.id, action: { do: 'tend', ...place, bid } }
}

const dai = (amount: bigint) => Number(amount / 10n ** 27n) / 1e18

/** With rivals a keeper opens halfway to what the lot is worth to him; alone he opens with an atom, and nobody answers. */
function nextBid(terms: MakerFlipper, auction: MakerFlipAuction, value: number, rivals: number): bigint {
  const least = makerLeastBid(terms, auction)
  if (auction.tic !== 0n || rivals < 2) return least
  const wanted = rad((Number(auction.lot) / 1e18) * value * 0.5)
  const most = wanted > auction.tab ? auction.tab : wanted
  return most > least ? most : least
}
