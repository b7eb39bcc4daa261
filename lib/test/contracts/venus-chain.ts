/**
 * Venus core on the local chain, from the bytecode its package ships: the comptroller with all its facets in one contract, its lens, four markets.
 * The package weighs 405 MB and is therefore not installed with the others; `BREAKWATER_VENUS` names its folder.
 */
import type { Address } from 'viem'
import { type CompoundAction, type CompoundMarket, type CompoundState, venusWorld } from '../../mechanisms/index.ts'
import { prng } from '../../model/index.ts'
import { type Call, type Contract, callOf, type LocalChain } from './chain.ts'
import { compile, shipped } from './compile.ts'

/** The folder of @venusprotocol/venus-protocol 10.3.0, where there is one. */
export const VENUS_FOLDER = process.env['BREAKWATER_VENUS']

/** A price for each market, the same one to lend by and to liquidate by. */
const ORACLE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;
contract VenusTestOracle {
  mapping(address => uint256) public getUnderlyingPrice;
  function set(address market, uint256 price) external { getUnderlyingPrice[market] = price; }
  function getBoundedPricesView(address market) external view returns (uint256, uint256) {
    return (getUnderlyingPrice[market], getUnderlyingPrice[market]);
  }
  function updateProtectionState(address market) external view returns (uint256, uint256) {
    return (getUnderlyingPrice[market], getUnderlyingPrice[market]);
  }
}
`

/** A deployment. `opening` holds what the markets were made with, their totals as the chain has them. */
export type VenusDeployment = {
  readonly comptroller: Contract
  readonly oracle: Contract
  readonly markets: ReadonlyMap<string, Contract>
  readonly people: ReadonlyMap<string, Address>
  readonly opening: ReadonlyMap<string, CompoundMarket>
  readonly block: bigint
  readonly time: number
}

const PLENTY = 2n ** 200n
const NO_CAP = 2n ** 250n
const PEOPLE = ['owner', 'ann', 'bob', 'cid', 'dot', 'lin']

/** Deploys everything; rate models are drawn from the seed. */
export async function deployVenus(chain: LocalChain, folder: string, seed: string): Promise<VenusDeployment> {
  const at = (path: string) => shipped(`${folder}/artifacts/contracts/${path}.json`)
  const artifact = await compile({
    ...{ compiler: 'solc-0.8.19', entries: [], own: { 'VenusTestOracle.sol': ORACLE } },
    settings: { evmVersion: 'paris' },
  })
  const people = new Map(PEOPLE.map((name, index) => [name, chain.accounts[index] as Address]))
  const oracle = await chain.deploy(artifact('VenusTestOracle'))
  const control = await chain.deploy(at('test/AccessControlManagerMock.sol/AccessControlManagerMock'), [
    people.get('owner'),
  ])
  const comptroller = await chain.deploy(at('test/ComptrollerMock.sol/ComptrollerMock'))
  const lens = await chain.deploy(at('Lens/ComptrollerLens.sol/ComptrollerLens'))
  for (const [name, value] of [
    ['_setAccessControl', control.address],
    ['_setComptrollerLens', lens.address],
    ['_setPriceOracle', oracle.address],
    ['setDeviationBoundedOracle', oracle.address],
  ] as const)
    await chain.write(comptroller, name, [value])
  const markets = new Map<string, Contract>()
  const opening = new Map<string, CompoundMarket>()
  for (const [asset, drawn] of venusWorld(prng(`${seed}/venus/markets`)).state.markets) {
    const market = await deployMarket(chain, at, { comptroller, people, drawn })
    await chain.write(market, 'setAccessControlManager', [control.address])
    await chain.write(comptroller, '_supportMarket', [market.address])
    await chain.write(comptroller, 'setIsBorrowAllowed', [0n, market.address, true])
    for (const caps of ['_setMarketSupplyCaps', '_setMarketBorrowCaps'])
      await chain.write(comptroller, caps, [[market.address], [NO_CAP]])
    // Reserves stay: each market would send them to the treasury every so many blocks, which neither rate nor value of a token notices.
    await chain.write(market, 'setReduceReservesBlockDelta', [NO_CAP])
    await chain.write(market, '_setReserveFactor', [drawn.reserveFactor])
    const [accrualBlock, borrowIndex] = [
      await chain.read<bigint>(market, 'accrualBlockNumber'),
      await chain.read<bigint>(market, 'borrowIndex'),
    ]
    markets.set(asset, market)
    opening.set(asset, { ...drawn, accrualBlock, borrowIndex })
  }
  const latest = await chain.publicClient.getBlock()
  const [block, time] = [latest.number, Number(latest.timestamp)]
  return { comptroller, oracle, markets, people, opening, block, time }
}

async function deployMarket(
  chain: LocalChain,
  at: (path: string) => ReturnType<typeof shipped>,
  site: {
    readonly comptroller: Contract
    readonly people: ReadonlyMap<string, Address>
    readonly drawn: CompoundMarket
  },
): Promise<Contract> {
  const { comptroller, people, drawn } = site
  const { baseRatePerBlock, multiplierPerBlock, jumpMultiplierPerBlock, kink } = drawn.model
  const token = await chain.deploy(at('test/MockToken.sol/MockToken'), [drawn.asset, drawn.asset, 18])
  // One block a year: the yearly rates are the ones per block.
  const model = await chain.deploy(at('InterestRateModels/JumpRateModel.sol/JumpRateModel'), [
    ...[baseRatePerBlock, multiplierPerBlock, jumpMultiplierPerBlock, kink, 1n],
  ])
  const name = `v${drawn.asset}`
  const market = await chain.deploy(at('Tokens/VTokens/VBep20Immutable.sol/VBep20Immutable'), [
    ...[token.address, comptroller.address, model.address, drawn.initialExchangeRate],
    ...[name, name, 8, people.get('owner')],
  ])
  for (const holder of people.values()) {
    await chain.write(token, 'faucet', [PLENTY], holder)
    await chain.write(token, 'approve', [market.address, 2n ** 256n - 1n], holder)
  }
  return market
}

/** The calls that give the comptroller and its markets the parameters of a state. */
export function parameterCalls(deployment: VenusDeployment, state: CompoundState): readonly Call[] {
  const { comptroller, markets, people } = deployment
  const owner = people.get('owner')
  const perMarket = [...state.markets].flatMap(([asset, one]) => {
    const market = markets.get(asset) as Contract
    return [
      callOf(comptroller, 'setLiquidationIncentive', [market.address, one.liquidationIncentive], owner),
      callOf(
        comptroller,
        'setCollateralFactor',
        [market.address, one.collateralFactor, one.liquidationThreshold],
        owner,
      ),
    ]
  })
  return [callOf(comptroller, '_setCloseFactor', [state.closeFactor], owner), ...perMarket]
}

/** The call that does an action. */
export function venusCall(deployment: VenusDeployment, action: CompoundAction): Call {
  const { comptroller, people } = deployment
  const market = (asset: string) => deployment.markets.get(asset) as Contract
  const who = (name: string) => people.get(name) as Address
  switch (action.do) {
    case 'accrue':
      return callOf(market(action.market), 'accrueInterest')
    case 'mint':
    case 'borrow':
      return callOf(market(action.market), action.do, [action.amount], who(action.account))
    case 'repay':
      return callOf(market(action.market), 'repayBorrow', [action.amount], who(action.account))
    case 'redeem':
      return callOf(market(action.market), 'redeem', [action.tokens], who(action.account))
    case 'redeem-underlying':
      return callOf(market(action.market), 'redeemUnderlying', [action.amount], who(action.account))
    case 'enter':
      return callOf(comptroller, 'enterMarkets', [[market(action.market).address]], who(action.account))
    case 'exit':
      return callOf(comptroller, 'exitMarket', [market(action.market).address], who(action.account))
    case 'liquidate': {
      const { account, borrowMarket, collateralMarket, repayAmount, liquidator = 'lin' } = action
      const args = [who(account), repayAmount, market(collateralMarket).address]
      return callOf(market(borrowMarket), 'liquidateBorrow', args, who(liquidator))
    }
    case 'govern':
      return governCall(deployment, action.setting)
  }
}

function governCall(
  { comptroller, markets, people }: VenusDeployment,
  setting: Extract<CompoundAction, { readonly do: 'govern' }>['setting'],
): Call {
  const owner = people.get('owner')
  if (setting.set === 'close-factor') return callOf(comptroller, '_setCloseFactor', [setting.value], owner)
  const market = markets.get(setting.market) as Contract
  if (setting.set === 'reserve-factor') return callOf(market, '_setReserveFactor', [setting.value], owner)
  if (setting.set === 'forced-liquidation')
    return callOf(comptroller, '_setForcedLiquidation', [market.address, setting.on], owner)
  throw new Error(`no call for ${setting.set}`)
}
