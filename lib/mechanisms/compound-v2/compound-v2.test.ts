import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { venusCore } from '../venus/index.ts'
import {
  COMPOUND_DAI_ORACLE,
  type CompoundAction,
  type CompoundMarket,
  type CompoundRules,
  type CompoundSetting,
  type CompoundState,
  compoundV2,
} from './index.ts'

const WAD = 10n ** 18n
const ETH = 2_000n * WAD
const DAI = WAD

function world(rules: CompoundRules): CompoundState {
  const market = (asset: string) => ({
    ...{ asset, feed: asset, collateralFactor: 75n * 10n ** 16n, liquidationThreshold: 75n * 10n ** 16n },
    model: { baseRatePerBlock: 10n ** 9n, multiplierPerBlock: 0n, jumpMultiplierPerBlock: 0n, kink: WAD },
    initialExchangeRate: 2n * 10n ** 26n,
    ...{ liquidationIncentive: 108n * 10n ** 16n, reserveFactor: 0n, protocolSeizeShare: 28n * 10n ** 15n },
    ...{ forcedLiquidation: false, cash: 0n, totalBorrows: 0n, totalReserves: 0n, totalSupply: 0n },
    ...{ borrowIndex: WAD, accrualBlock: 0n },
  })
  return {
    ...{ rules, closeFactor: WAD / 2n, accounts: new Map() },
    clock: { time: 0n, block: 0n, blocks: 1n, seconds: 12n },
    markets: new Map([
      ['ETH', market('ETH')],
      ['DAI', market('DAI')],
    ]),
  }
}

function moment(time: number, prices: Readonly<Record<string, bigint | undefined>>): Moment {
  return { time: time as UnixSeconds, price: (feed) => prices[feed] as FeedAnswer | undefined }
}

/** Ann owes 1,000 DAI on one ETH of $2,000. */
function loan(rules: CompoundRules): CompoundState {
  const state = world(rules)
  const mechanism = rules === 'venus-core' ? venusCore : compoundV2
  const at = moment(0, { ETH, DAI })
  for (const action of [
    { do: 'mint', account: 'bob', market: 'DAI', amount: 10_000n * WAD },
    { do: 'mint', account: 'ann', market: 'ETH', amount: WAD },
    { do: 'enter', account: 'ann', market: 'ETH' },
    { do: 'borrow', account: 'ann', market: 'DAI', amount: 1_200n * WAD },
  ] as const)
    expect(wasRefused(mechanism.apply(state, action, at))).toBe(false)
  return state
}

describe('Compound v2', () => {
  it('liquidates borrowers of DAI while the feed says 1.30, as on 26 November 2020', () => {
    const state = loan('compound-v2')
    const { feed, factorBps } = COMPOUND_DAI_ORACLE
    expect(compoundV2.assess(state, 'ann', moment(12, { ETH, DAI }))?.liquidatable).toBe(false)
    const fault = moment(12, { ETH, [feed]: (DAI * factorBps) / 10_000n })
    expect(compoundV2.assess(state, 'ann', fault)?.liquidatable).toBe(true)
    const [offer] = compoundV2.offers(state, 'ann', fault)
    // Half of 1,200 DAI and its interest, seized at 1.08 times 1.30 dollars, less the 2.8 % that reserves keep.
    expect(Number(offer?.pay[0]?.atoms) / 1e18).toBeCloseTo(600, 5)
    expect(Number(offer?.receive[0]?.atoms) / 1e18).toBeCloseTo(((600 * 1.3 * 1.08) / 2_000) * 0.972, 6)
  })

  it('refuses as the contract does where a price is missing or zero, and never gives a number', () => {
    const state = loan('compound-v2')
    for (const prices of [{ ETH }, { ETH, DAI: 0n }, { DAI }]) {
      const at = moment(24, prices)
      expect(compoundV2.assess(state, 'ann', at)).toBeUndefined()
      expect(compoundV2.offers(state, 'ann', at)).toEqual([])
      const done = compoundV2.apply(state, { do: 'borrow', account: 'ann', market: 'DAI', amount: 1n }, at)
      expect(done).toMatchObject({ refused: { code: 'BorrowComptrollerRejection(13)' } })
    }
  })

  it('refuses an unknown market, and finds the empty account healthy', () => {
    const state = world('compound-v2')
    const at = moment(0, { ETH, DAI })
    const mint = { do: 'mint', account: 'ann', market: 'XYZ', amount: 1n } as const
    expect(compoundV2.apply(state, mint, at)).toMatchObject({ refused: { code: 'MintComptrollerRejection(9)' } })
    expect(compoundV2.assess(state, 'nobody', at)).toBeUndefined()
    compoundV2.apply(state, { do: 'mint', account: 'ann', market: 'ETH', amount: WAD }, at)
    expect(compoundV2.assess(state, 'ann', at)).toEqual({ backing: 0n, required: 0n, equity: 0n, liquidatable: false })
  })

  it('ends a market: without factor, paused, all interest to reserves, its debts may be liquidated whole', () => {
    const state = loan('compound-v2')
    const at = moment(12, { ETH, DAI })
    for (const setting of [
      { set: 'collateral-factor', market: 'DAI', value: 0n },
      { set: 'pause', market: 'DAI', actions: ['borrow'] },
    ] as const)
      compoundV2.apply(state, { do: 'govern', setting }, at)
    expect(compoundV2.assess(state, 'ann', at)?.liquidatable).toBe(false)
    compoundV2.apply(state, { do: 'govern', setting: { set: 'reserve-factor', market: 'DAI', value: WAD } }, at)
    expect(compoundV2.assess(state, 'ann', at)?.liquidatable).toBe(true)
    expect(compoundV2.offers(state, 'ann', at)[0]?.pay[0]?.atoms).toBeGreaterThan(1_200n * WAD)
  })
})

describe('Venus', () => {
  const call = {
    do: 'liquidate',
    account: 'ann',
    borrowMarket: 'DAI',
    collateralMarket: 'ETH',
    repayAmount: WAD,
  } as const

  it('refuses in silence: the code of the comptroller, and interest is still accrued', () => {
    const state = loan('venus-core')
    const done = venusCore.apply(state, call, moment(120, { ETH, DAI }))
    expect(done).toMatchObject({ refused: { code: 'Failure(3,18,3)' } })
    expect(state.markets.get('DAI')).toMatchObject({ accrualBlock: 10n })
    expect(state.markets.get('DAI')?.totalBorrows).toBeGreaterThan(1_200n * WAD)
  })

  it('liquidates the healthy where liquidation is forced, and holds its bounds of the close factor', () => {
    const state = loan('venus-core')
    const at = moment(120, { ETH, DAI })
    venusCore.apply(state, { do: 'govern', setting: { set: 'forced-liquidation', market: 'DAI', on: true } }, at)
    expect(wasRefused(venusCore.apply(state, call, at))).toBe(false)
    const setting = { set: 'close-factor', value: WAD } as const
    expect(venusCore.apply(state, { do: 'govern', setting }, at)).toMatchObject({ refused: { code: 'Failure(5,5,0)' } })
    expect(wasRefused(compoundV2.apply(loan('compound-v2'), { do: 'govern', setting }, at))).toBe(false)
  })
})

describe('What Venus takes and Compound refuses', () => {
  const both = (
    action: CompoundAction,
    prices: Readonly<Record<string, bigint>>,
    before: readonly CompoundAction[] = [],
  ) => {
    const [venus, compound] = (['venus-core', 'compound-v2'] as const).map((rules) => {
      const mechanism = rules === 'venus-core' ? venusCore : compoundV2
      const state = loan(rules)
      for (const one of before) mechanism.apply(state, one, moment(0, { ETH, DAI }))
      return mechanism.apply(state, action, moment(0, prices))
    })
    return { venus, compound }
  }

  it('a repayment of more than is owed, as one of everything', () => {
    const repay = { do: 'repay', account: 'ann', market: 'DAI', amount: 5_000n * WAD } as const
    const { venus, compound } = both(repay, { ETH, DAI })
    expect(venus).toMatchObject({ paid: [{ asset: 'DAI', atoms: 1_200n * WAD }] })
    expect(compound).toMatchObject({ refused: { code: 'Panic(0x11)' } })
  })

  it('a loan without a price of what was entered and left empty', () => {
    const enter = (market: string) => ({ do: 'enter', account: 'bob', market }) as const
    const borrow = { do: 'borrow', account: 'bob', market: 'DAI', amount: WAD } as const
    const { venus, compound } = both(borrow, { DAI }, [enter('ETH'), enter('DAI')])
    expect(venus).toMatchObject({ received: [{ asset: 'DAI', atoms: WAD }] })
    expect(compound).toMatchObject({ refused: { code: 'BorrowComptrollerRejection(13)' } })
  })
})

describe('Words that the two rule books have for the same arithmetic', () => {
  const twice = (action: CompoundAction, change: (state: CompoundState) => void = () => undefined) =>
    (['venus-core', 'compound-v2'] as const).map((rules) => {
      const state = loan(rules)
      change(state)
      const done = (rules === 'venus-core' ? venusCore : compoundV2).apply(state, action, moment(12, { ETH, DAI }))
      return wasRefused(done) ? done.refused.code : 'done'
    })
  const dai = (state: CompoundState) => state.markets.get('DAI') as CompoundMarket

  it('more than 2^256: math error, or a panic', () => {
    const redeem = { do: 'redeem', account: 'bob', market: 'DAI', tokens: 2n ** 256n - 1n } as const
    expect(twice(redeem)).toEqual(['math error', 'Panic(0x11)'])
    const atoms = { do: 'redeem-underlying', account: 'bob', market: 'DAI', amount: 2n ** 256n - 1n } as const
    expect(twice(atoms)).toEqual(['math error', 'Panic(0x11)'])
  })

  it('all that a market has and is owed belongs to its reserves: its rate divides by zero, and beyond that is none', () => {
    const accrue = { do: 'accrue', market: 'DAI' } as const
    const reserved = (more: bigint) => (state: CompoundState) => {
      dai(state).totalReserves = dai(state).cash + dai(state).totalBorrows + more
    }
    expect(twice(accrue, reserved(0n))).toEqual(['SafeMath: division by zero', 'Panic(0x12)'])
    expect(twice(accrue, reserved(1n))).toEqual(['SafeMath: subtraction overflow', 'Panic(0x11)'])
    // Beside it another market: the account cannot be weighed, by a code of its own or by a panic before any price is asked.
    const call = {
      do: 'liquidate',
      account: 'ann',
      borrowMarket: 'ETH',
      collateralMarket: 'ETH',
      repayAmount: 1n,
    } as const
    const stuck = (state: CompoundState) => {
      reserved(1n)(state)
      dai(state).accrualBlock = 1n
    }
    expect(twice(call, stuck)).toEqual(['Failure(3,18,15)', 'Panic(0x11)'])
  })

  it('an account that left such a market empty is still weighed, by the calls that do not name it', () => {
    for (const rules of ['venus-core', 'compound-v2'] as const) {
      const state = loan(rules)
      const mechanism = rules === 'venus-core' ? venusCore : compoundV2
      const eth = state.markets.get('ETH') as CompoundMarket
      const bat = { ...eth, asset: 'BAT', feed: 'BAT', totalBorrows: 1n, totalReserves: 1n, cash: 0n }
      const markets = new Map([['BAT', bat], ...state.markets])
      state.markets.clear()
      for (const [asset, market] of markets) state.markets.set(asset, market)
      state.accounts
        .get('ann')
        ?.set('BAT', { tokens: 0n, entered: true, borrowPrincipal: 0n, borrowInterestIndex: WAD })
      const prices = { DAI, BAT: WAD }
      expect(mechanism.assess(state, 'ann', moment(12, { ...prices, ETH }))?.liquidatable).toBe(false)
      expect(mechanism.assess(state, 'ann', moment(12, { ...prices, ETH: ETH / 2n }))?.liquidatable).toBe(true)
    }
  })

  it('an exit reads the worth of tokens before it reads the debt', () => {
    const worthless = (state: CompoundState) => {
      dai(state).totalReserves = 2n * (dai(state).cash + dai(state).totalBorrows)
    }
    const exit = { do: 'exit', account: 'ann', market: 'DAI' } as const
    expect(twice(exit)).toEqual(['Failure(12,2,0)', 'Failure(12,2,0)'])
    expect(twice(exit, worthless)).toEqual(['getAccountSnapshot failed', 'Panic(0x11)'])
  })

  it('nothing redeemed of a market whose tokens are worth nothing divides by that', () => {
    const redeem = { do: 'redeem', account: 'bob', market: 'ETH', tokens: 0n } as const
    const worthless = (state: CompoundState) => {
      const eth = state.markets.get('ETH') as CompoundMarket
      eth.cash = 0n
    }
    expect(twice(redeem, worthless)).toEqual(['math error', 'Panic(0x12)'])
  })
})

describe('Governance of Venus', () => {
  it('stops liquidations with the repayments that they make, after the checks that answer by a code', () => {
    const state = loan('venus-core')
    const pause = { set: 'pause', market: 'DAI', actions: ['repay'] } as const
    const call = { do: 'liquidate', account: 'ann', borrowMarket: 'DAI', collateralMarket: 'ETH' } as const
    const word = (repayAmount: bigint) => {
      const done = venusCore.apply(state, { ...call, repayAmount }, moment(120, { ETH: ETH / 2n, DAI }))
      return wasRefused(done) ? done.refused.code : 'done'
    }
    venusCore.apply(state, { do: 'govern', setting: pause }, moment(120, { ETH, DAI }))
    expect(word(WAD)).toBe('action is paused')
    expect(word(0n)).toBe('Failure(7,21,0)')
    venusCore.apply(state, { do: 'govern', setting: { ...pause, actions: [] } }, moment(120, { ETH, DAI }))
    expect(word(WAD)).toBe('done')
  })

  it('keeps the interest that it accrued when a reserve factor above 1 is refused by a code', () => {
    const state = loan('venus-core')
    const setting = { set: 'reserve-factor', market: 'DAI', value: WAD + 1n } as const
    const done = venusCore.apply(state, { do: 'govern', setting }, moment(120, { ETH, DAI }))
    expect(done).toMatchObject({ refused: { code: 'Failure(2,73,0)' } })
    expect(state.markets.get('DAI')).toMatchObject({ accrualBlock: 10n, reserveFactor: 0n })
  })

  it('takes no setting that changes nothing, and none under which a liquidation would not help', () => {
    const word = (setting: CompoundSetting) => {
      const done = venusCore.apply(loan('venus-core'), { do: 'govern', setting }, moment(0, { ETH, DAI }))
      return wasRefused(done) ? done.refused.code : 'done'
    }
    const incentive = (value: bigint) => ({ set: 'liquidation-incentive', market: 'DAI', value }) as const
    const factor = (threshold: bigint) =>
      ({ set: 'collateral-factor', market: 'DAI', value: WAD / 2n, threshold }) as const
    expect(word({ set: 'close-factor', value: WAD / 2n })).toBe('old value is same as new value')
    expect(word(incentive(108n * 10n ** 16n))).toBe('old value is same as new value')
    expect(word(incentive(WAD - 1n))).toBe('incentive < 1e18')
    // 0.75 · 4/3 is 1.
    expect(word(incentive((WAD * 4n) / 3n))).toBe('done')
    expect(word(incentive((WAD * 4n) / 3n + 1n))).toBe('UnsafeLiquidationParams')
    expect(word(factor((WAD * 100n) / 108n))).toBe('done')
    expect(word(factor((WAD * 100n) / 108n + 1n))).toBe('UnsafeLiquidationParams')
  })
})
