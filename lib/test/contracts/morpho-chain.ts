/** Morpho Blue with its own mocks on the local chain, and our actions as its calls. Compiled from its package with its own settings. */
import { type Address, encodeAbiParameters, type Hex, keccak256, maxUint256 } from 'viem'
import { type MorphoAction, type MorphoMarketParams, morphoRules } from '../../mechanisms/index.ts'
import { type Call, type Contract, callOf, type LocalChain } from './chain.ts'
import { type Artifact, compile } from './compile.ts'

const FOLDER = '@morpho-org/morpho-blue/src'
const ZERO = `0x${'0'.repeat(40)}` as const

/** Morpho, its rate model, oracle and token for tests; compiled once, then cached. */
export function morphoArtifacts(): Promise<(name: 'Morpho' | 'IrmMock' | 'OracleMock' | 'ERC20Mock') => Artifact> {
  return compile({
    compiler: 'solc-0.8.19',
    entries: ['Morpho', 'mocks/IrmMock', 'mocks/OracleMock', 'mocks/ERC20Mock'].map((name) => `${FOLDER}/${name}.sol`),
    settings: { optimizer: { enabled: true, runs: 999_999 }, viaIR: true, evmVersion: 'paris' },
  })
}

/** A deployment: two tokens, two oracles, Morpho's rate model for tests; users who hold plenty and allow everything. */
export type MorphoDeployment = {
  readonly morpho: Contract
  readonly tokens: readonly [Contract, Contract]
  readonly oracles: readonly [Contract, Contract]
  readonly irm: Contract
  readonly owner: Address
  readonly users: readonly Address[]
  readonly liquidator: Address
}

/** LLTVs that the deployment enables, wad; other ones are refused. */
export const ENABLED_LLTVS = [385n, 625n, 770n, 860n, 915n, 945n, 980n].map((share) => share * 10n ** 15n)
/** Tokens of everybody at the start. */
export const PLENTY = 2n ** 200n

/** Deploys everything. No market is made. */
export async function deployMorpho(chain: LocalChain): Promise<MorphoDeployment> {
  const artifact = await morphoArtifacts()
  const [owner, liquidator, ...users] = chain.accounts as readonly [Address, Address, ...Address[]]
  const morpho = await chain.deploy(artifact('Morpho'), [owner])
  const irm = await chain.deploy(artifact('IrmMock'))
  const tokens = [await chain.deploy(artifact('ERC20Mock')), await chain.deploy(artifact('ERC20Mock'))] as const
  const oracles = [await chain.deploy(artifact('OracleMock')), await chain.deploy(artifact('OracleMock'))] as const
  for (const token of tokens)
    for (const holder of [liquidator, ...users]) {
      await chain.write(token, 'setBalance', [holder, PLENTY])
      await chain.write(token, 'approve', [morpho.address, maxUint256], holder)
    }
  for (const lltv of ENABLED_LLTVS) await chain.write(morpho, 'enableLltv', [lltv])
  for (const model of [irm.address, ZERO]) await chain.write(morpho, 'enableIrm', [model])
  return { morpho, tokens, oracles, irm, owner, users, liquidator }
}

/** A market's parameters as the contract takes them. */
export function paramsOf({ irm }: MorphoDeployment, { loan, collateral, feed, lltv, rateModel }: MorphoMarketParams) {
  // `fixed` stands for a rate model that nobody enabled.
  const model = { none: ZERO, utilisation: irm.address, fixed: loan, adaptive: loan }[rateModel.kind]
  return { loanToken: loan, collateralToken: collateral, oracle: feed, irm: model, lltv } as {
    readonly [K in 'loanToken' | 'collateralToken' | 'oracle' | 'irm']: Address
  } & { readonly lltv: bigint }
}

/** The market's id on chain: the hash of its parameters. */
export function marketIdOf(deployment: MorphoDeployment, market: MorphoMarketParams): Hex {
  const { loanToken, collateralToken, oracle, irm, lltv } = paramsOf(deployment, market)
  const types = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }))
  return keccak256(encodeAbiParameters(types, [loanToken, collateralToken, oracle, irm, lltv]))
}

/** The call that does an action; `markets` gives the parameters of the ids that actions name. */
export function morphoCall(
  deployment: MorphoDeployment,
  markets: ReadonlyMap<string, MorphoMarketParams>,
  action: MorphoAction,
): Call {
  const { morpho, owner, liquidator, users } = deployment
  const call = (name: string, args: readonly unknown[], from: Address = owner) => callOf(morpho, name, args, from)
  const params = (id: string) => paramsOf(deployment, markets.get(id) as MorphoMarketParams)
  switch (action.do) {
    case 'accrue':
      return call('accrueInterest', [params(action.market)])
    case 'supply':
    case 'repay':
    case 'withdraw':
    case 'borrow': {
      const { account, assets = 0n, shares = 0n } = action
      const inward = action.do === 'supply' || action.do === 'repay'
      // Nobody is the zero address, so somebody else pays for it.
      const from = (account === ZERO ? users[0] : account) as Address
      return call(action.do, [params(action.market), assets, shares, account, inward ? '0x' : account], from)
    }
    case 'supply-collateral': {
      const from = (action.account === ZERO ? users[0] : action.account) as Address
      return call('supplyCollateral', [params(action.market), action.assets, action.account, '0x'], from)
    }
    case 'withdraw-collateral':
      return call(
        'withdrawCollateral',
        [params(action.market), action.assets, action.account, action.account],
        action.account as Address,
      )
    case 'liquidate': {
      const { market, account, seizedAssets, repaidShares } = action
      return call('liquidate', [params(market), account, seizedAssets, repaidShares, '0x'], liquidator)
    }
    case 'create-market':
      return call('createMarket', [paramsOf(deployment, action.params)])
    case 'enable-lltv':
      return call('enableLltv', [action.lltv])
    case 'enable-rate-model':
      return call('enableIrm', [action.kind === 'none' ? ZERO : deployment.irm.address])
    case 'set-fee':
      return call('setFee', [params(action.market), action.fee])
    case 'set-fee-recipient':
      return call('setFeeRecipient', [action.account])
  }
}

/** The words of returned data. */
export function words(data: Hex): readonly bigint[] {
  return (data.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`))
}

/** Price at which a position's limit is `share` (wad) of its debt: below 1 it can be liquidated. Oracle scale, rounded down. */
export function priceAt(collateral: bigint, debt: bigint, lltv: bigint, share: bigint): bigint {
  const { ORACLE_PRICE_SCALE } = morphoRules
  return collateral === 0n ? ORACLE_PRICE_SCALE : (debt * ORACLE_PRICE_SCALE * share) / (collateral * lltv)
}
