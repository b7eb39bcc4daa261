/**
 * Morpho Blue's markets and positions as they stand on a chain. Ids, tokens, oracles and accounts keep their addresses; a market's feed is its
 * oracle. Source: morpho-org/morpho-blue 1.0.0 `IMorpho.sol`; rate models: `IAdaptiveCurveIrm.sol`, `IFixedRateIrm.sol` of morpho-org/morpho-blue-irm.
 */
import { type AbiEvent, type Address, parseAbi, parseAbiItem } from 'viem'
import {
  emptyMorpho,
  type MorphoMarket,
  type MorphoPosition,
  type MorphoRateModel,
  type MorphoState,
} from '../../mechanisms/index.ts'
import { breakwaterError } from '../../model/index.ts'
import type { ChainAt, View } from './chain-at.ts'
import { type PositionsRead, positionsRead } from './read-positions.ts'

/** What to read: markets by id, accounts in each. */
export type MorphoReading = {
  readonly morpho: Address
  readonly markets: ReadonlyMap<string, readonly string[]>
  /** Rate models by address that are none of the live ones. Left out: none, fixed and adaptive are told apart by what they answer. */
  readonly rateModels?: ReadonlyMap<string, MorphoRateModel['kind']> | undefined
}

const MORPHO = parseAbi([
  'function feeRecipient() view returns (address)',
  'function idToMarketParams(bytes32) view returns (address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)',
  'function market(bytes32) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)',
  'function position(bytes32, address) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
])
const ORACLE = parseAbi(['function price() view returns (uint256)'])
const RATE_MODELS = parseAbi([
  'function rateAtTarget(bytes32) view returns (int256)',
  'function borrowRateStored(bytes32) view returns (uint256)',
])
const NOBODY = `0x${'0'.repeat(40)}`

type Params = readonly [loan: Address, collateral: Address, oracle: Address, irm: Address, lltv: bigint]

/** Reads markets, the named accounts in them, the fee recipient's shares, and the oracles' prices. A market that does not exist: `not-found`. */
export async function readMorpho(chain: ChainAt, reading: MorphoReading): Promise<PositionsRead<MorphoState>> {
  const { morpho } = reading
  const ids = [...reading.markets.keys()]
  const of = (name: string, args: readonly unknown[] = []): View => ({ address: morpho, abi: MORPHO, name, args })
  const [feeRecipient, ...params] = (await chain.all([
    of('feeRecipient'),
    ...ids.map((id) => of('idToMarketParams', [id])),
  ])) as [Address, ...Params[]]
  const totals = (await chain.all(ids.map((id) => of('market', [id])))) as readonly (readonly bigint[])[]
  const models = await readRateModels(chain, reading, params)
  const prices = await readPrices(chain, params)
  const state = emptyMorpho(feeRecipient)
  for (const [index, id] of ids.entries())
    state.markets.set(id, marketOf(id, params[index] as Params, totals[index] ?? [], models[index] as MorphoRateModel))
  const wanted = ids.flatMap((id) =>
    [...new Set([...(reading.markets.get(id) ?? []), feeRecipient])].map((one) => [id, one] as const),
  )
  const positions = (await chain.all(
    wanted.map(([id, account]) => of('position', [id, account])),
  )) as readonly (readonly bigint[])[]
  for (const [index, [id, account]] of wanted.entries()) {
    const [supplyShares = 0n, borrowShares = 0n, collateral = 0n] = positions[index] ?? []
    const held = state.positions.get(id) ?? new Map<string, MorphoPosition>()
    held.set(account, { supplyShares, borrowShares, collateral })
    state.positions.set(id, held)
  }
  return positionsRead(chain, state, prices)
}

function marketOf(
  id: string,
  [loan, collateral, feed, , lltv]: Params,
  totals: readonly bigint[],
  rateModel: MorphoRateModel,
): MorphoMarket {
  const [totalSupplyAssets = 0n, totalSupplyShares = 0n, totalBorrowAssets = 0n, totalBorrowShares = 0n] = totals
  const [, , , , lastUpdate = 0n, fee = 0n] = totals
  if (lastUpdate === 0n) throw breakwaterError('not-found', `Morpho has no market ${id} at this block`, { market: id })
  return {
    ...{ loan, collateral, feed, lltv, rateModel },
    ...{ totalSupplyAssets, totalSupplyShares, totalBorrowAssets, totalBorrowShares, lastUpdate, fee },
  }
}

/** An oracle that does not answer gives no price: actions that read it are then refused, as on chain. */
async function readPrices(chain: ChainAt, params: readonly Params[]): Promise<ReadonlyMap<string, bigint>> {
  const oracles = [...new Set(params.map(([, , oracle]) => oracle))].filter((oracle) => oracle !== NOBODY)
  const answers = await chain.any(oracles.map((address) => ({ address, abi: ORACLE, name: 'price' })))
  const prices = new Map<string, bigint>()
  for (const [index, oracle] of oracles.entries())
    if (answers[index] !== undefined) prices.set(oracle, answers[index] as bigint)
  return prices
}

async function readRateModels(
  chain: ChainAt,
  { markets, rateModels }: MorphoReading,
  params: readonly Params[],
): Promise<readonly MorphoRateModel[]> {
  const ids = [...markets.keys()]
  const asked = params.flatMap(([, , , irm], index) =>
    (['rateAtTarget', 'borrowRateStored'] as const).map((name) => ({
      ...{ address: irm, abi: RATE_MODELS, name, args: [ids[index]] },
    })),
  )
  const answers = (await chain.any(asked)) as readonly (bigint | undefined)[]
  return params.map(([, , , irm], index) => {
    const [atTarget, stored] = [answers[2 * index], answers[2 * index + 1]]
    const named = rateModels?.get(irm)
    if (irm === NOBODY || named === 'none') return { kind: 'none' }
    if (named === 'utilisation') return { kind: 'utilisation' }
    if (atTarget !== undefined && (named ?? 'adaptive') === 'adaptive')
      return { kind: 'adaptive', rateAtTarget: atTarget }
    if (stored !== undefined && (named ?? 'fixed') === 'fixed') return { kind: 'fixed', rate: stored }
    throw breakwaterError(
      'contract-silent',
      `the rate model ${irm} of market ${ids[index]} is none that is known`,
      { rateModel: irm, market: ids[index] },
      { fix: 'Name its kind in `rateModels`.' },
    )
  })
}

const BORROW = parseAbiItem(
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
) as AbiEvent
const CREATE = parseAbiItem(
  'event CreateMarket(bytes32 indexed id, (address loanToken, address collateralToken, address oracle, address irm, uint256 lltv) marketParams)',
) as AbiEvent

/** Every account that ever borrowed in the markets (all when none are named) since a block, by market. */
export async function morphoBorrowers(
  chain: ChainAt,
  morpho: Address,
  fromBlock: bigint,
  markets?: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Set<string>>()
  for (const { args } of await chain.events(morpho, BORROW, fromBlock, markets && { id: markets })) {
    const id = String(args['id'])
    found.set(id, (found.get(id) ?? new Set()).add(String(args['onBehalf'])))
  }
  return new Map([...found].map(([id, accounts]) => [id, [...accounts]]))
}

/** Ids of the markets made since a block. */
export async function morphoMarkets(chain: ChainAt, morpho: Address, fromBlock: bigint): Promise<readonly string[]> {
  return (await chain.events(morpho, CREATE, fromBlock)).map(({ args }) => String(args['id']))
}
