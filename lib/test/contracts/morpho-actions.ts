/** What somebody does next in a random life of Morpho: mostly sensible, now and then wrong or enormous; prices follow the one who is to be liquidated. */
import {
  MORPHO_NOBODY,
  type MorphoAction,
  type MorphoMarketParams,
  type MorphoState,
  morphoBlue,
  morphoRules,
} from '../../mechanisms/index.ts'
import type { Moment, Prng } from '../../model/index.ts'
import { ENABLED_LLTVS, type MorphoDeployment, marketIdOf, priceAt } from './morpho-chain.ts'

const { ORACLE_PRICE_SCALE, WAD } = morphoRules

/** Where the next action is drawn from. */
export type MorphoScene = {
  readonly deployment: MorphoDeployment
  readonly state: MorphoState
  readonly markets: ReadonlyMap<string, MorphoMarketParams>
  readonly prices: ReadonlyMap<string, bigint>
  readonly at: Moment
  readonly chance: Prng
  readonly index: number
}

type Next = { readonly action: MorphoAction; readonly prices: ReadonlyMap<string, bigint> }

/** The first steps make markets, supply and collateral; then anything. */
export function nextMorphoAction(scene: MorphoScene): Next {
  const { markets, chance, index, deployment } = scene
  const ids = [...markets.keys()]
  const first = ids[index]
  if (first !== undefined) return createMarket(scene, first)
  const market = chance.pick(ids)
  const account = chance.pick(deployment.users.slice(0, 4))
  if (index < 10) {
    const verb = index % 2 === 0 ? 'supply' : 'supply-collateral'
    return still({ do: verb, market: ids[(index >> 1) % 2] as string, account, assets: usual(chance, 10n) })
  }
  const dice = chance.int(100)
  if (dice < 42) return liquidate(scene, market)
  if (dice < 62) return borrow(scene, market, account)
  if (dice < 88) return ordinary(scene, market, account, dice)
  if (dice < 95) return odd(scene, market, account)
  return { action: { do: 'accrue', market }, prices: new Map([[feedOf(scene, market), anyPrice(chance)]]) }
}

const still = (action: MorphoAction): Next => ({ action, prices: new Map() })

function feedOf({ markets }: MorphoScene, market: string): string {
  return (markets.get(market) as MorphoMarketParams).feed
}

function createMarket({ markets, chance }: MorphoScene, market: string): Next {
  const params = markets.get(market) as MorphoMarketParams
  return { action: { do: 'create-market', market, params }, prices: new Map([[params.feed, anyPrice(chance)]]) }
}

/** Around one loan atom per collateral atom, by some powers of ten, with noise down to the last digit. */
function anyPrice(chance: Prng): bigint {
  const noise = ORACLE_PRICE_SCALE + BigInt(chance.int(1_000_000_007)) * BigInt(chance.int(1_000_000_009))
  return (noise * BigInt(Math.floor(10 ** (9 + (chance.next() - 0.5) * 6)))) / 10n ** 9n
}

/** Amounts from a few atoms to billions of whole tokens. */
function usual(chance: Prng, factor = 1n): bigint {
  const size = chance.int(8) === 0 ? chance.next() * 3 : 6 + chance.next() * 20
  return factor * BigInt(Math.floor(10 ** Math.min(size, 15))) * 10n ** BigInt(Math.max(0, Math.floor(size) - 15)) + 1n
}

function sized(chance: Prng, assets: bigint): { readonly assets: bigint } | { readonly shares: bigint } {
  return chance.int(3) === 0 ? { shares: assets * 1_000_000n + BigInt(chance.int(1_000_000)) } : { assets }
}

/** A borrower of the market, when there is one, at a price that puts him where we want him; and a liquidation of all, too much, a part, an atom. */
function liquidate(scene: MorphoScene, market: string): Next {
  const { state, chance, at } = scene
  const borrowers = [...(state.positions.get(market) ?? [])].filter(([, { borrowShares }]) => borrowShares > 0n)
  if (borrowers.length === 0) return borrow(scene, market, chance.pick(scene.deployment.users.slice(0, 4)))
  const [account, { collateral, borrowShares }] = chance.pick(borrowers)
  const feed = feedOf(scene, market)
  const prices = new Map<string, bigint>()
  if (chance.int(3) > 0) {
    const debt = morphoBlue.assess(state, `${market}/${account}`, { ...at, price: () => 1n as never })?.required ?? 0n
    const share =
      chance.int(4) === 0 ? WAD - BigInt(chance.int(3)) + 1n : (WAD * BigInt(300 + chance.int(720))) / 1_000n
    prices.set(feed, priceAt(collateral, debt, scene.markets.get(market)?.lltv ?? WAD, share) + BigInt(chance.int(2)))
    if (chance.int(60) === 0) prices.set(feed, 0n)
  }
  const part = [1n, 1n, 2n, 3n, 10n, 97n][chance.int(6)] as bigint
  const by = { do: 'liquidate', market, account, liquidator: scene.deployment.liquidator } as const
  const size = chance.int(9)
  if (size === 0) return { action: { ...by, seizedAssets: 0n, repaidShares: borrowShares + 1n }, prices }
  if (size === 1) return { action: { ...by, seizedAssets: BigInt(chance.int(2)), repaidShares: 0n }, prices }
  if (size < 5) return { action: { ...by, seizedAssets: 0n, repaidShares: borrowShares / part }, prices }
  return { action: { ...by, seizedAssets: collateral / part, repaidShares: 0n }, prices }
}

/** With collateral: as much as it bears, a little less, or just too much. */
function borrow(scene: MorphoScene, market: string, account: string): Next {
  const { state, chance, prices } = scene
  const { collateral = 0n } = state.positions.get(market)?.get(account) ?? {}
  const params = scene.markets.get(market) as MorphoMarketParams
  if (collateral === 0n) return still({ do: 'supply-collateral', market, account, assets: usual(chance, 10n) })
  const most = (((collateral * (prices.get(params.feed) ?? 0n)) / ORACLE_PRICE_SCALE) * params.lltv) / WAD
  const { totalSupplyAssets = 0n, totalBorrowAssets = 0n } = state.markets.get(market) ?? {}
  const there = totalSupplyAssets - totalBorrowAssets
  const wanted = most < there || chance.int(10) === 0 ? most : there
  const assets = (wanted * BigInt(500 + chance.int(503))) / 1_000n
  return still({ do: 'borrow', market, account, ...sized(chance, assets === 0n ? usual(chance) : assets) })
}

function ordinary(scene: MorphoScene, market: string, account: string, dice: number): Next {
  const { state, chance } = scene
  const position = state.positions.get(market)?.get(account)
  const part = BigInt(1 + chance.int(5))
  if (dice < 70) return still({ do: 'supply', market, account, ...sized(chance, usual(chance, 100n)) })
  if (dice < 76) return still({ do: 'supply-collateral', market, account, assets: usual(chance) })
  if (dice < 80) {
    const shares = (position?.borrowShares ?? 0n) / part
    return still({
      do: 'repay',
      market,
      account,
      ...(chance.int(2) === 0 ? { shares } : sized(chance, shares / 1_000_000n)),
    })
  }
  if (dice < 84) {
    const shares = (position?.supplyShares ?? 0n) / part
    return still({
      do: 'withdraw',
      market,
      account,
      ...(chance.int(2) === 0 ? { shares } : sized(chance, shares / 1_000_000n)),
    })
  }
  return still({ do: 'withdraw-collateral', market, account, assets: (position?.collateral ?? 0n) / part })
}

/** A market that cannot be made: nobody enabled its LLTV. */
export function absentMarket(
  deployment: MorphoDeployment,
  params: MorphoMarketParams,
): { readonly id: string; readonly params: MorphoMarketParams } {
  const absent = { ...params, lltv: params.lltv + 1n }
  return { id: marketIdOf(deployment, absent), params: absent }
}

/** Mistakes, the owner's actions, and amounts at the edges of 128 and 256 bits. */
function odd({ deployment, state, markets, chance }: MorphoScene, market: string, account: string): Next {
  const fees = deployment.users[5] as string
  const params = markets.get(market) as MorphoMarketParams
  const huge = chance.pick([2n ** 127n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 200n, 2n ** 256n - 1n])
  const verb = chance.pick(['supply', 'withdraw', 'borrow', 'repay'] as const)
  const strange = { ...params, rateModel: { kind: 'fixed', rate: 1n } } as const
  const absent = absentMarket(deployment, params)
  return still(
    chance.pick<MorphoAction>([
      { do: verb, market, account, assets: huge },
      { do: verb, market, account, shares: huge },
      { do: verb, market, account, assets: 1n, shares: 1n },
      { do: verb, market, account },
      { do: chance.pick(['supply', 'repay'] as const), market, account: MORPHO_NOBODY, assets: usual(chance) },
      { do: 'supply-collateral', market, account: MORPHO_NOBODY, assets: usual(chance) },
      { do: chance.pick(['supply-collateral', 'withdraw-collateral'] as const), market, account, assets: 0n },
      { do: 'supply-collateral', market, account, assets: huge },
      { do: 'liquidate', market, account, seizedAssets: huge, repaidShares: 0n },
      { do: 'liquidate', market, account, seizedAssets: 1n, repaidShares: 1n },
      { do: 'create-market', market, params },
      { do: 'create-market', market: absent.id, params: absent.params },
      { do: verb, market: absent.id, account, assets: 1n },
      { do: 'liquidate', market: absent.id, account, seizedAssets: 1n, repaidShares: 0n },
      { do: 'set-fee', market: absent.id, fee: 1n },
      { do: 'create-market', market: marketIdOf(deployment, strange), params: strange },
      { do: 'enable-lltv', lltv: chance.pick([...ENABLED_LLTVS, WAD, WAD + 1n]) },
      { do: 'enable-rate-model', kind: 'utilisation' },
      { do: 'set-fee', market, fee: chance.pick([0n, WAD / 10n, WAD / 4n, WAD / 4n + 1n]) },
      { do: 'set-fee', market, fee: BigInt(chance.int(250)) * 10n ** 15n },
      { do: 'set-fee-recipient', account: chance.pick([fees, account]) },
      ...(state.feeRecipient === MORPHO_NOBODY ? [{ do: 'set-fee-recipient', account: fees } as const] : []),
    ]),
  )
}
