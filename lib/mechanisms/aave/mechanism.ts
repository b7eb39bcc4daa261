/** An Aave market as a mechanism, for the rule book of any version: targets, health, the best liquidation, and actions all or nothing. */
import {
  type AssetAmount,
  type Atoms,
  atoms,
  type BadDebt,
  type Exposure,
  type Fact,
  type Health,
  type Leg,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import { type Applied, type Completed, type Mechanism, wasRefused } from '../mechanism.ts'
import { applied, ensure, MAX_UINT256, revert, unlessReverted } from '../solidity.ts'
import type { AaveAction, AaveBook, AaveMoved, AavePair } from './action.ts'
import { type AaveAccount, type AaveState, anyAsset, copyOf, copyOfAccount } from './state.ts'
import { type AaveAccountData, type At, thresholdOf } from './v3-account.ts'
import type { AaveLiquidationCall } from './v3-liquidate.ts'
import { PERCENT, WAD } from './wad-ray.ts'

/** Who takes an offer until somebody else does. */
const ANYONE = 'anyone'

/** The mechanism of a rule book. Feeds answer in the version's base currency; a missing answer refuses the action, zero is the book's matter. */
export function aaveMechanism<S extends AaveState>(book: AaveBook<S>): Mechanism<S, AaveAction> {
  return {
    id: book.id,
    targets,
    assess: (state, target, moment) => sight(book, state, target, moment)?.health,
    offers: (state, target, moment) => offers(book, state, target, moment),
    apply: (state, action, moment) => apply(book, state, action, moment),
    exposure: (state, target, moment) => exposure(book, state, target, moment),
    holdings,
  }
}

function* targets(state: AaveState): Iterable<string> {
  for (const [id, account] of state.accounts) if (anyAsset(account, 'borrowing')) yield id
}

function atOf<S extends AaveState>(book: AaveBook<S>, { time, price }: Moment): At {
  return {
    time: BigInt(time),
    price: (feed) => {
      const answer = price(feed)
      ensure(answer !== undefined, 'missing-price', `the feed ${feed} gives no price`)
      return answer > 0n ? answer : book.badPrice(feed)
    },
  }
}

type Sight = { readonly account: AaveAccount; readonly data: AaveAccountData; readonly health: Health; readonly at: At }

/**
 * Backing = Σ collateral · threshold without rounding the average threshold, required = debt. The verdict is the contract's: its own health factor,
 * which up to v3.4 rounds the average threshold down to a basis point first.
 */
function sight<S extends AaveState>(book: AaveBook<S>, state: S, target: string, moment: Moment): Sight | undefined {
  const account = state.accounts.get(target)
  if (!account) return undefined
  const at = atOf(book, moment)
  const data = unlessReverted(() => book.data(state, account, at))
  if (!data) return undefined
  const { totalCollateralBase, totalDebtBase, weighted, healthFactor } = data
  const health = {
    ...{ backing: weighted / PERCENT, required: totalDebtBase, equity: totalCollateralBase - totalDebtBase },
    liquidatable: healthFactor < WAD,
  }
  return { account, data, health, at }
}

/** The pairs of a liquidatable account that its liquidator may choose from, the best first; empty for everybody else. */
export function aavePairs<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  target: string,
  moment: Moment,
): readonly AavePair[] {
  const seen = sight(book, state, target, moment)
  if (!seen?.health.liquidatable) return []
  const pairs = unlessReverted(() => book.pairs(state, seen.account, seen.data, seen.at)) ?? []
  return [...pairs].sort((a, b) => b.profit - a.profit)
}

/** One offer: the pair with the largest profit that the contract takes now. */
function offers<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  target: string,
  moment: Moment,
): readonly Offer<AaveAction>[] {
  for (const { collateral, debt, cover } of aavePairs(book, state, target, moment)) {
    const call = { collateral, debt, borrower: target, liquidator: ANYONE, debtToCover: cover, receiveAToken: false }
    const done = unlessReverted(() =>
      book.liquidate(copyOf(state, [target, ANYONE, state.treasury]) as S, call, atOf(book, moment)),
    )
    if (done)
      return [{ target, actor: 'anyone', action: { do: 'liquidate', ...call }, pay: done.paid, receive: done.received }]
  }
  return []
}

function apply<S extends AaveState>(book: AaveBook<S>, state: S, action: AaveAction, moment: Moment): Applied {
  const touched =
    action.do === 'liquidate' ? [action.borrower, action.liquidator, state.treasury] : [action.account, state.treasury]
  return undoable(state, touched, () => {
    const at = atOf(book, moment)
    checkNumbers(action)
    if (action.do !== 'liquidate') return { facts: [], ...completed(book.act(state, action, at)) }
    const done = book.liquidate(state, action, at)
    return { facts: factsOf(book, state, action, done, at), ...completed(done) }
  })
}

function checkNumbers(action: AaveAction): void {
  const amount = action.do === 'liquidate' ? action.debtToCover : 'amount' in action ? action.amount : 0n
  ensure(amount >= 0n && amount <= MAX_UINT256, 'not a uint256', `${amount} is no amount`)
  if (action.do === 'set-emode') ensure(isByte(action.category), 'not a uint8', `${action.category} is no category`)
}

const isByte = (value: number) => Number.isInteger(value) && value >= 0 && value < 256

const completed = ({ paid, received, moved }: AaveMoved) => ({ paid, received, ...(moved ? { moved } : {}) })

/** Runs an action on the state itself; where it reverts, the reserves and the accounts it may touch are put back. */
function undoable(state: AaveState, touched: readonly string[], action: () => Completed): Applied {
  const reserves = [...state.reserves].map(([asset, reserve]) => [asset, { ...reserve }] as const)
  const accounts = touched.map((id) => {
    const account = state.accounts.get(id)
    return [id, account && copyOfAccount(account)] as const
  })
  const done = applied(action)
  if (!wasRefused(done)) return done
  for (const [asset, reserve] of reserves) state.reserves.set(asset, reserve)
  for (const [id, account] of accounts)
    if (account) state.accounts.set(id, account)
    else state.accounts.delete(id)
  return done
}

/** The liquidation with the deficit of its own debt; every other deficit is a fact of its own. */
function factsOf<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  call: AaveLiquidationCall,
  { moved = {}, deficits = [] }: AaveMoved,
  at: At,
): readonly Fact[] {
  const common = { protocol: book.protocol, market: state.market ?? book.id, account: call.borrower }
  const legOf = (asset: string, amount: bigint) => leg(book, state, asset, amount, at)
  const repaid = legOf(call.debt, moved['repaid'] ?? 0n)
  const own = deficits.find(({ asset }) => asset === call.debt)
  const others = deficits.filter((one) => one !== own)
  return [
    {
      ...{ type: 'loan-liquidation', ...common, liquidator: call.liquidator, repaid },
      seized: legOf(call.collateral, moved['toLiquidator'] ?? 0n),
      ...{ usd: repaid.usd, usdBasis: repaid.usd === undefined ? undefined : 'price-join' },
      badDebt: own && legOf(own.asset, own.amount),
    },
    ...others.map(({ asset, amount }): BadDebt => {
      const loss = legOf(asset, amount)
      return {
        type: 'bad-debt',
        ...common,
        loss,
        usd: loss.usd,
        usdBasis: loss.usd === undefined ? undefined : 'price-join',
      }
    }),
  ]
}

function leg<S extends AaveState>(book: AaveBook<S>, state: S, asset: string, amount: bigint, { price }: At): Leg {
  const config = state.reserves.get(asset)?.config
  if (!config) return revert('bad-state', `no reserve of ${asset}`)
  const bare = { asset, atoms: amount, decimals: Number(config.decimals) }
  if (book.baseUsd === undefined) return bare
  return { ...bare, usd: (Number(amount) / 10 ** bare.decimals) * Number(price(config.feed)) * book.baseUsd }
}

/** Backing = Σ collateral · threshold · price, required = Σ debt · price, base currency per unit of price; float64. */
function exposure<S extends AaveState>(
  book: AaveBook<S>,
  state: S,
  target: string,
  { time }: Moment,
): Exposure | undefined {
  const account = state.accounts.get(target)
  if (!account) return undefined
  const slopes = new Map<string, { feed: string; backing: number; required: number }>()
  for (const reserve of state.reserves.values()) {
    const position = account.positions.get(reserve.config.asset)
    if (!position || !(position.usedAsCollateral || position.borrowing)) continue
    const held = unlessReverted(() => book.balancesOf(reserve, position, BigInt(time)))
    if (!held) return undefined
    const feed = book.feedOf(state, account, reserve)
    const unit = 10 ** Number(reserve.config.decimals)
    const slope = slopes.get(feed) ?? { feed, backing: 0, required: 0 }
    const counted = position.usedAsCollateral && book.counts(reserve) ? Number(held.collateral) : 0
    slope.backing += (counted / unit) * (Number(thresholdOf(state, account, reserve)) / Number(PERCENT))
    if (position.borrowing) slope.required += Number(held.debt) / unit
    slopes.set(feed, slope)
  }
  return { slopes: [...slopes.values()], constant: { backing: 0, required: 0 } }
}

/** Underlying that the pool counts as its own, and the fees that v1 collected. */
function holdings(state: AaveState): ReadonlyMap<string, Atoms> {
  return new Map(
    [...state.reserves].map(([asset, { virtualBalance, feesCollected = 0n }]) => [
      asset,
      atoms(virtualBalance + feesCollected),
    ]),
  )
}

/** An amount of an asset as it crosses the pool's border. */
export function amountOf(asset: string, amount: bigint): AssetAmount {
  return { asset, atoms: atoms(amount) }
}
