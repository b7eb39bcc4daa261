/** One log per event of every protocol, with the facts it must give. Amounts and prices are made up; contracts are real. */
import type { Hex } from 'viem'
import { account, type LogSpec, word } from './chain-logs.ts'

/** A log and what its venue must make of it; `undefined`: nothing. */
export type ChainCase = LogSpec & {
  readonly venue: string
  readonly fact: Readonly<Record<string, unknown>> | undefined
}

const E18 = 10n ** 18n
const E30 = 10n ** 30n
const WETH = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
const WBTC = '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599'
const USDC = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const DAI = '0x6b175474e89094c44da98b954eedeac495271d0f'
const CETH = '0x4ddc2d193948926d02f9b1fe9e1daa0718270ed5'
const TROVES_V2 = '0x7bcb64b2c9206a5b699ed43363f6f98d4776cf5a'
const CLIP_ETH_A = '0xc67963a226eddd77b91ad8c421630a1b0adff270'
const USER = account(0xacc)
const KEEPER = account(0xbee)

const AAVE =
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)'
const AAVE_ARGS = {
  collateralAsset: WETH,
  debtAsset: USDC,
  user: USER,
  debtToCover: 2_500_250_000n,
  liquidatedCollateralAmount: (105n * E18) / 100n,
  liquidator: KEEPER,
  receiveAToken: false,
}
const AAVE_FACT = {
  type: 'loan-liquidation',
  account: USER,
  liquidator: KEEPER,
  repaid: { asset: 'USDC', address: USDC, amount: '2500.25', atoms: 2_500_250_000n, decimals: 6 },
  seized: { asset: 'WETH', address: WETH, amount: '1.05', atoms: (105n * E18) / 100n, decimals: 18 },
  usd: 2500.25,
  usdBasis: 'dollar-par',
}
const DEFICIT = 'event DeficitCreated(address indexed user, address indexed debtAsset, uint256 amountCreated)'
const DEFICIT_ARGS = { user: USER, debtAsset: DAI, amountCreated: 7n * E18 }
const DEFICIT_FACT = { type: 'bad-debt', account: USER, usd: 7, loss: { asset: 'DAI', amount: '7', atoms: 7n * E18 } }
const CTOKEN =
  'event LiquidateBorrow(address liquidator, address borrower, uint256 repayAmount, address cTokenCollateral, uint256 seizeTokens)'
const ISOLATED =
  'event LiquidateBorrow(address indexed liquidator, address indexed borrower, uint256 repayAmount, address indexed cTokenCollateral, uint256 seizeTokens)'
const borrowed = (collateral: string, repayAmount: bigint) => ({
  liquidator: KEEPER,
  borrower: USER,
  repayAmount,
  cTokenCollateral: collateral,
  seizeTokens: 5_000_000_000n,
})
const RAD = 10n ** 45n
const ilk = (text: string): Hex => `0x${Buffer.from(text).toString('hex').padEnd(64, '0')}`
const pools = (name: string, address: string, market: string): ChainCase => ({
  venue: name,
  signature: AAVE,
  address,
  args: AAVE_ARGS,
  fact: { ...AAVE_FACT, protocol: name, market },
})

/** Lending. */
export const LENDING_CASES: readonly ChainCase[] = [
  {
    venue: 'aave-v1',
    signature:
      'event LiquidationCall(address indexed _collateral, address indexed _reserve, address indexed _user, uint256 _purchaseAmount, uint256 _liquidatedCollateralAmount, uint256 _accruedBorrowInterest, address _liquidator, bool _receiveAToken, uint256 _timestamp)',
    address: '0x398ec7346dcd622edc5ae82352f02be94c62d119',
    args: {
      _collateral: '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
      _reserve: DAI,
      _user: USER,
      _purchaseAmount: 300n * E18,
      _liquidatedCollateralAmount: E18,
      _accruedBorrowInterest: 1n,
      _liquidator: KEEPER,
      _receiveAToken: true,
      _timestamp: 1n,
    },
    fact: {
      ...AAVE_FACT,
      protocol: 'aave-v1',
      usd: 300,
      repaid: { asset: 'DAI', amount: '300' },
      seized: { asset: 'ETH', amount: '1' },
    },
  },
  pools('aave-v2', '0x7d2768de32b0b80b7a3454c06bdac94a69ddc7a9', 'AaveV2Ethereum'),
  pools('aave-v3', '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2', 'AaveV3Ethereum'),
  pools('aave-v3', account(0xf0), account(0xf0)),
  pools('spark', '0xc13e21b648a5ee794902342038ff3adab66be987', 'SparkLend'),
  {
    venue: 'aave-v3',
    signature: AAVE,
    address: '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2',
    args: { ...AAVE_ARGS, debtAsset: account(0x99), collateralAsset: account(0x98) },
    fact: { repaid: { asset: account(0x99), address: account(0x99), atoms: 2_500_250_000n }, usd: undefined },
  },
  {
    venue: 'aave-v3',
    signature: DEFICIT,
    address: '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2',
    args: DEFICIT_ARGS,
    fact: DEFICIT_FACT,
  },
  {
    venue: 'spark',
    signature: DEFICIT,
    address: '0xc13e21b648a5ee794902342038ff3adab66be987',
    args: DEFICIT_ARGS,
    fact: DEFICIT_FACT,
  },
  {
    venue: 'compound-v2',
    signature: CTOKEN,
    address: '0x39aa39c021dfbae8fac545936693ac917d5e7563',
    args: borrowed(CETH, 1_234_000_000n),
    fact: {
      market: 'cUSDC',
      account: USER,
      liquidator: KEEPER,
      usd: 1234,
      repaid: { asset: 'USDC', amount: '1234' },
      seized: { asset: 'cETH', amount: '50', decimals: 8 },
    },
  },
  {
    venue: 'venus',
    chain: 'bnb',
    signature: CTOKEN,
    address: '0xeca88125a5adbe82614ffc12d0db554e2e2867c8',
    args: borrowed('0xa07c5b74c9b40447a954e1466938b865b6bbea36', 9n * E18),
    fact: { market: 'vUSDC', usd: 9, repaid: { asset: 'USDC', decimals: 18 }, seized: { asset: 'vBNB', amount: '50' } },
  },
  {
    venue: 'venus',
    chain: 'bnb',
    signature: ISOLATED,
    address: account(0xf1),
    args: borrowed(account(0xf2), 9n),
    fact: {
      market: account(0xf1),
      account: USER,
      liquidator: KEEPER,
      usd: undefined,
      seized: { asset: account(0xf2), atoms: 5_000_000_000n },
    },
  },
  {
    venue: 'compound-v3',
    signature:
      'event AbsorbDebt(address indexed absorber, address indexed borrower, uint256 basePaidOut, uint256 usdValue)',
    address: '0xc3d688b66703497daa19211eedff47f25384cdc3',
    args: { absorber: KEEPER, borrower: USER, basePaidOut: 5_000_000n, usdValue: 499_900_000n },
    fact: {
      type: 'loan-liquidation',
      market: 'cUSDCv3',
      account: USER,
      liquidator: KEEPER,
      usd: 4.999,
      usdBasis: 'reported',
      repaid: { asset: 'USDC', amount: '5' },
    },
  },
  {
    venue: 'compound-v3',
    signature:
      'event AbsorbCollateral(address indexed absorber, address indexed borrower, address indexed asset, uint256 collateralAbsorbed, uint256 usdValue)',
    address: '0xc3d688b66703497daa19211eedff47f25384cdc3',
    args: { absorber: KEEPER, borrower: USER, asset: WETH, collateralAbsorbed: E18, usdValue: 1n },
    fact: undefined,
  },
  {
    venue: 'compound-v3',
    signature:
      'event BuyCollateral(address indexed buyer, address indexed asset, uint256 baseAmount, uint256 collateralAmount)',
    address: '0xc3d688b66703497daa19211eedff47f25384cdc3',
    args: { buyer: KEEPER, asset: WBTC, baseAmount: 60_000_000_000n, collateralAmount: 100_000_000n },
    fact: {
      type: 'auction-taken',
      taker: KEEPER,
      usd: 60_000,
      paid: { asset: 'USDC', amount: '60000' },
      bought: { asset: 'WBTC', amount: '1' },
    },
  },
  {
    venue: 'maker',
    signature:
      'event Bite(bytes32 indexed ilk, address indexed urn, uint256 ink, uint256 art, uint256 tab, address flip, uint256 id)',
    address: '0x78f2c2af65126834c51822f56be0d7469d7a523e',
    args: {
      ilk: ilk('ETH-A'),
      urn: USER,
      ink: 50n * E18,
      art: E18,
      tab: 4321n * RAD + RAD / 2n,
      flip: account(0xf11),
      id: 7n,
    },
    fact: {
      type: 'auction-started',
      market: 'ETH-A',
      account: USER,
      auction: `${account(0xf11)}:7`,
      usd: 4321.5,
      lot: { asset: 'WETH', amount: '50' },
      due: { asset: 'DAI', amount: '4321.5' },
    },
  },
  {
    venue: 'maker',
    signature:
      'event Bark(bytes32 indexed ilk, address indexed urn, uint256 ink, uint256 art, uint256 due, address clip, uint256 indexed id)',
    address: '0x135954d155898d42c90d2a57824c690e0c7bef1b',
    args: { ilk: ilk('WBTC-A'), urn: USER, ink: 3n * E18, art: E18, due: 99n * RAD, clip: CLIP_ETH_A, id: 8n },
    fact: {
      type: 'auction-started',
      market: 'WBTC-A',
      auction: `${CLIP_ETH_A}:8`,
      usd: 99,
      lot: { asset: 'WBTC', amount: '3' },
    },
  },
  {
    venue: 'maker',
    signature:
      'event Take(uint256 indexed id, uint256 max, uint256 price, uint256 owe, uint256 tab, uint256 lot, address indexed usr)',
    address: CLIP_ETH_A,
    args: { id: 8n, max: 1n, price: 3000n * 10n ** 27n, owe: 1500n * RAD, tab: 20n * RAD, lot: E18 / 4n, usr: USER },
    fact: {
      type: 'auction-taken',
      market: 'ETH-A',
      auction: `${CLIP_ETH_A}:8`,
      price: 3000,
      usd: 1500,
      paid: { asset: 'DAI', amount: '1500' },
      dueLeft: { amount: '20' },
      lotLeft: { asset: 'WETH', amount: '0.25' },
    },
  },
  {
    venue: 'morpho-blue',
    signature:
      'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
    address: '0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb',
    args: {
      id: word(0x1d),
      caller: KEEPER,
      borrower: USER,
      repaidAssets: 11n,
      repaidShares: 12n,
      seizedAssets: 13n,
      badDebtAssets: 14n,
      badDebtShares: 15n,
    },
    fact: {
      market: word(0x1d),
      account: USER,
      liquidator: KEEPER,
      repaid: { asset: 'unknown', atoms: 11n },
      seized: { atoms: 13n },
      badDebt: { atoms: 14n },
      usd: undefined,
    },
  },
  {
    venue: 'liquity-v1',
    signature: 'event TroveLiquidated(address indexed _borrower, uint256 _debt, uint256 _coll, uint8 _operation)',
    address: '0xa39739ef8b0231dbfa0dcda07d7e29faabcf4bb2',
    args: { _borrower: USER, _debt: 2000n * E18, _coll: E18, _operation: 1 },
    fact: { account: USER, usd: 2000, repaid: { asset: 'LUSD' }, seized: { asset: 'ETH', amount: '1' } },
  },
  {
    venue: 'liquity-v1',
    signature:
      'event Liquidation(uint256 _liquidatedDebt, uint256 _liquidatedColl, uint256 _collGasCompensation, uint256 _LUSDGasCompensation)',
    address: '0xa39739ef8b0231dbfa0dcda07d7e29faabcf4bb2',
    args: { _liquidatedDebt: 1n, _liquidatedColl: 1n, _collGasCompensation: 1n, _LUSDGasCompensation: 1n },
    fact: undefined,
  },
  ...([5, 6] as const).map((operation) => ({
    venue: 'liquity-v2',
    signature:
      'event TroveOperation(uint256 indexed _troveId, uint8 _operation, uint256 _annualInterestRate, uint256 _debtIncreaseFromRedist, uint256 _debtIncreaseFromUpfrontFee, int256 _debtChangeFromOperation, uint256 _collIncreaseFromRedist, int256 _collChangeFromOperation)',
    address: TROVES_V2,
    args: {
      _troveId: 77n,
      _operation: operation,
      _annualInterestRate: 0n,
      _debtIncreaseFromRedist: 1n,
      _debtIncreaseFromUpfrontFee: 0n,
      _debtChangeFromOperation: -3000n * E18,
      _collIncreaseFromRedist: 1n,
      _collChangeFromOperation: -2n * E18,
    },
    fact:
      operation === 6
        ? undefined
        : {
            account: `trove:${word(77)}`,
            market: 'ETH',
            usd: 3000,
            repaid: { asset: 'BOLD' },
            seized: { asset: 'WETH', amount: '2' },
          },
  })),
  {
    venue: 'liquity-v2',
    signature:
      'event Liquidation(uint256 _debtOffsetBySP, uint256 _debtRedistributed, uint256 _boldGasCompensation, uint256 _collGasCompensation, uint256 _collSentToSP, uint256 _collRedistributed, uint256 _collSurplus, uint256 _L_ETH, uint256 _L_boldDebt, uint256 _price)',
    address: TROVES_V2,
    args: {
      _debtOffsetBySP: 1n,
      _debtRedistributed: 1n,
      _boldGasCompensation: 1n,
      _collGasCompensation: 1n,
      _collSentToSP: 1n,
      _collRedistributed: 1n,
      _collSurplus: 1n,
      _L_ETH: 1n,
      _L_boldDebt: 1n,
      _price: 1n,
    },
    fact: undefined,
  },
  {
    venue: 'crvusd',
    signature:
      'event Liquidate(address indexed liquidator, address indexed user, uint256 collateral_received, uint256 stablecoin_received, uint256 debt)',
    address: '0xa920de414ea4ab66b97da1bfe9e6eca7d4219635',
    args: { liquidator: KEEPER, user: USER, collateral_received: E18, stablecoin_received: 5n, debt: 1800n * E18 },
    fact: {
      market: 'WETH',
      account: USER,
      liquidator: KEEPER,
      usd: 1800,
      repaid: { asset: 'crvUSD' },
      seized: { asset: 'WETH', amount: '1' },
    },
  },
  ...['', 'uint256 _feesAmount, '].map((fees) => ({
    venue: 'fraxlend',
    signature: `event Liquidate(address indexed _borrower, uint256 _collateralForLiquidator, uint256 _sharesToLiquidate, uint256 _amountLiquidatorToRepay, ${fees}uint256 _sharesToAdjust, uint256 _amountToAdjust)`,
    address: '0x794f6b13fbd7eb7ef10d1ed205c9a416910207ff',
    args: {
      _borrower: USER,
      _collateralForLiquidator: E18,
      _sharesToLiquidate: 2n,
      _amountLiquidatorToRepay: 1700n * E18,
      _feesAmount: 3n,
      _sharesToAdjust: 4n,
      _amountToAdjust: 6n * E18,
    },
    fact: {
      account: USER,
      usd: 1700,
      repaid: { asset: 'FRAX' },
      seized: { asset: 'WETH', amount: '1' },
      badDebt: { asset: 'FRAX', amount: '6' },
    },
  })),
  {
    venue: 'euler-v2',
    signature:
      'event Liquidate(address indexed liquidator, address indexed violator, address collateral, uint256 repayAssets, uint256 yieldBalance)',
    address: '0x797dd80692c3b2dadabce8e30c07fde5307d48a9',
    args: {
      liquidator: KEEPER,
      violator: USER,
      collateral: '0xd8b27cf359b7d15710a5be299af6e7bf904984c2',
      repayAssets: 42_000_000n,
      yieldBalance: 17n,
    },
    fact: { market: 'eUSDC-2', account: USER, liquidator: KEEPER, usd: 42, seized: { asset: 'eWETH-2', atoms: 17n } },
  },
  {
    venue: 'fx-v2',
    signature: 'event Liquidate(address indexed pool, uint256 colls, uint256 fxUSDDebts, uint256 stableDebts)',
    address: '0x250893ca4ba5d05626c785e8da758026928fcd24',
    args: {
      pool: '0x6ecfa38fee8a5277b91efda204c235814f0122e8',
      colls: E18,
      fxUSDDebts: 1000n * E18,
      stableDebts: 500_000_000n,
    },
    fact: {
      market: 'wstETH',
      account: '',
      usd: 1500,
      repaid: { asset: 'fxUSD', amount: '1500' },
      seized: { asset: 'wstETH', amount: '1' },
    },
  },
]

const item = (key: string, value: unknown) => ({ key, value })
const list = (...items: ReturnType<typeof item>[]) => ({ items, arrayItems: [] })
const LISTS = ['address', 'uint256', 'int256', 'bool', 'bytes32', 'bytes', 'string']
const tuple = (type: string, name: string) =>
  `((string key, ${type} value)[] items, (string key, ${type}[] value)[] arrayItems) ${name}`
const NAMES = ['addressItems', 'uintItems', 'intItems', 'boolItems', 'bytes32Items', 'bytesItems', 'stringItems']
/** GMX v2's one event, spelt out. */
export const EVENT_LOG_1 = `event EventLog1(address msgSender, string eventName, string indexed eventNameHash, bytes32 indexed topic1, (${LISTS.map((type, i) => tuple(type, NAMES[i] as string)).join(', ')}) eventData)`
/** What GMX v2 logs when a position becomes smaller. */
export function positionDecrease(orderType: bigint, market: string, name = 'PositionDecrease') {
  return {
    msgSender: KEEPER,
    eventName: name,
    eventNameHash: name,
    topic1: word(0xacc),
    eventData: {
      addressItems: list(item('account', USER), item('market', market), item('collateralToken', USDC)),
      uintItems: list(
        item('sizeInUsd', 0n),
        item('executionPrice', (3000n * E30) / E18),
        item('sizeDeltaUsd', 6100n * E30),
        item('sizeDeltaInTokens', 2n * E18),
        item('orderType', orderType),
      ),
      intItems: list(item('basePnlUsd', -5n)),
      boolItems: list(item('isLong', true)),
      bytes32Items: list(item('orderKey', word(1))),
      bytesItems: list(item('data', '0x0102')),
      stringItems: list(item('why', 'a text that is longer than thirty-two bytes, to be sure')),
    },
  }
}
const EMITTER = '0xc8ee91a54287db53897056e12d9819156d3822fb'
const GMX_ETH = '0x70d95587d40a2caf56bd97485ab3eec10bee6336'
const gmx = (args: Record<string, unknown>, fact: ChainCase['fact']): ChainCase => ({
  venue: 'gmx-v2',
  chain: 'arbitrum',
  signature: EVENT_LOG_1,
  address: EMITTER,
  args,
  fact,
})

/** Derivatives. */
export const PERP_CASES: readonly ChainCase[] = [
  {
    venue: 'gmx-v1',
    chain: 'arbitrum',
    signature:
      'event LiquidatePosition(bytes32 key, address account, address collateralToken, address indexToken, bool isLong, uint256 size, uint256 collateral, uint256 reserveAmount, int256 realisedPnl, uint256 markPrice)',
    address: '0x489ee077994b6658eafa855c308275ead8097c4a',
    args: {
      key: word(1),
      account: USER,
      collateralToken: USDC,
      indexToken: '0x82af49447d8a07e3bd95bd0d56f35241523fbab1',
      isLong: false,
      size: 6000n * E30,
      collateral: E30,
      reserveAmount: 1n,
      realisedPnl: -1n,
      markPrice: 3000n * E30,
    },
    fact: {
      type: 'perp-liquidation',
      instrument: 'ETH-USD',
      coin: 'ETH',
      side: 'short',
      size: 2,
      price: 3000,
      priceKind: 'mark',
      usd: 6000,
      usdBasis: 'reported',
      account: USER,
    },
  },
  gmx(positionDecrease(7n, GMX_ETH), {
    type: 'perp-liquidation',
    instrument: 'ETH-USD',
    coin: 'ETH',
    side: 'long',
    size: 2,
    price: 3000,
    priceKind: 'fill',
    usd: 6100,
    usdBasis: 'reported',
    account: USER,
  }),
  gmx(positionDecrease(4n, GMX_ETH), undefined),
  gmx(positionDecrease(7n, GMX_ETH, 'PositionIncrease'), undefined),
  gmx(positionDecrease(7n, account(0xf3)), { type: 'refused' }),
  {
    venue: 'perp-v2',
    chain: 'optimism',
    signature:
      'event PositionLiquidated(address indexed trader, address indexed baseToken, uint256 positionNotional, uint256 positionSize, uint256 liquidationFee, address liquidator)',
    address: '0x82ac2ce43e33683c58be4cdc40975e73aa50f459',
    args: {
      trader: USER,
      baseToken: '0x8c835dfaa34e2ae61775e80ee29e2c724c6ae2bb',
      positionNotional: 3000n * E18,
      positionSize: 2n * E18,
      liquidationFee: 1n,
      liquidator: KEEPER,
    },
    fact: { type: 'perp-liquidation', coin: 'ETH', side: undefined, size: 2, price: 1500, usd: 3000, account: USER },
  },
]

/** All of them. */
export const CHAIN_CASES: readonly ChainCase[] = [...LENDING_CASES, ...PERP_CASES]
