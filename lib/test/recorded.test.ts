/** What the bytecode of Frax BAMM and of Aave v1 did in recorded lives, replayed through our mechanisms: outcomes in clear, readings by their marks. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AaveState, aaveV1, type BammAction, type BammState, bamm, wasRefused } from '../mechanisms/index.ts'
import { RECORDED_V1, type V1Action } from './aave-v1-recorded.ts'
import { RECORDED_BAMM } from './bamm-recorded.ts'
import { type RecordedHistory, type Replayable, readHistories, replay, writeHistories } from './recorded.ts'

const textOf = (name: string) => readFileSync(resolve(import.meta.dirname, `recorded/${name}.json`), 'utf8')
const BAMM = readHistories<BammState, BammAction>(textOf('bamm'))
const V1 = readHistories<AaveState, V1Action>(textOf('aave-v1'))
const SAID = 'Liquidation failed: '

function recorded<S, A extends { readonly do: string }>(
  file: string,
  histories: readonly RecordedHistory<S, A>[],
  how: Replayable<S, A>,
  reached: readonly string[],
): void {
  const replays = histories.map((history) => ({ history, ...replay(history, how) }))

  it.each(replays.map((one) => [one.history.name, one] as const))('%s: as the contracts did it', (_name, one) => {
    expect(one.differences).toEqual([])
    expect(one.steps).toBe(one.history.steps.length)
    expect(one.steps).toBeGreaterThan(50)
  })

  it('reaches what it must, in a file that reads back as it was written', () => {
    const seen = new Set(replays.flatMap((one) => [...one.seen]))
    expect(reached.filter((what) => !seen.has(what))).toEqual([])
    expect(writeHistories(histories)).toBe(textOf(file))
    expect(textOf(file).length).toBeLessThan(100_000)
  })

  it('finds another word and a changed mark', () => {
    const [history] = histories
    if (!history) throw new Error('no history')
    for (const change of [{ outcome: 'Another word' }, { mark: '?' }]) {
      const steps = history.steps.map((step, index) => (index === 5 ? { ...step, ...change } : step))
      expect(replay({ ...history, steps }, how)).toMatchObject({ steps: 5, differences: [expect.any(String)] })
    }
  })
}

describe('BAMM', () => {
  recorded('bamm', BAMM, RECORDED_BAMM, [
    ...['lend: done', 'redeem: done', 'adjust: done', 'close: done', 'swap: done', 'add-liquidity: done'],
    ...['accrue: done', 'micro-liquidate: done', 'micro-liquidate: User solvent', 'adjust: NotSolvent'],
    ...['micro-liquidate: OraclePriceDeviated', 'adjust: InvalidUtilityRate', 'adjust: InsufficientOutputAmount'],
    ...['lend: ZeroLiquidityMinted', 'adjust: NoBAMMTokensMinted', 'adjust: (empty)', 'adjust: Panic(0x11)'],
  ])

  it('notices interest that is added at a swap, and a fee that loses an atom', () => {
    const eager: Replayable<BammState, BammAction> = {
      ...RECORDED_BAMM,
      apply: (state, action, at) => {
        if (action.do === 'swap') bamm.apply(state, { do: 'accrue' }, at)
        return bamm.apply(state, action, at)
      },
    }
    const short: Replayable<BammState, BammAction> = {
      ...RECORDED_BAMM,
      apply: (state, action, at) => {
        const done = bamm.apply(state, action, at)
        if (action.do !== 'micro-liquidate' || wasRefused(done) || !done.moved?.['fee0']) return done
        return { ...done, moved: { ...done.moved, fee0: done.moved['fee0'] - 1n } }
      },
    }
    expect(BAMM.flatMap((one) => replay(one, eager).differences).join('\n')).toMatch(/\(swap\): the first reading/)
    expect(BAMM.flatMap((one) => replay(one, short).differences).join('\n')).toMatch(/fee0: ours \d+, the contract's/)
  })
})

describe('Aave v1', () => {
  recorded('aave-v1', V1, RECORDED_V1, [
    ...['supply: done', 'withdraw: done', 'borrow: done', 'repay: done', 'set-collateral: done', 'liquidate: done'],
    ...[`liquidate: ${SAID}Health factor is not below the threshold`, 'liquidate: Liquidation call failed'],
    ...[`liquidate: ${SAID}Invalid collateral to liquidate`, 'borrow: The collateral balance is 0'],
    ...['set-collateral: SafeMath: subtraction overflow', 'supply: SafeMath: addition overflow'],
    ...['supply: Action requires an unfreezed reserve', 'withdraw: Transfer cannot be allowed.'],
  ])

  it('notices an atom of collateral, and an aToken index that is kept', () => {
    const moved: Replayable<AaveState, V1Action> = {
      ...RECORDED_V1,
      apply: (state, action, at) => {
        const done = RECORDED_V1.apply(state, action, at)
        if (action.do !== 'liquidate' || wasRefused(done)) return done
        return { ...done, moved: { ...done.moved, toLiquidator: (done.moved?.['toLiquidator'] ?? 0n) + 1n } }
      },
    }
    const kept: Replayable<AaveState, V1Action> = {
      ...RECORDED_V1,
      apply: (state, action, at) => {
        if (action.do === 'freeze') return RECORDED_V1.apply(state, action, at)
        const done = aaveV1.apply(state, action, at)
        for (const { positions } of state.accounts.values())
          for (const [asset, position] of positions)
            if (position.scaledCollateral > 0n && position.v1?.index === 0n)
              position.v1 = { ...position.v1, index: state.reserves.get(asset)?.liquidityIndex ?? 0n }
        return done
      },
    }
    expect(V1.flatMap((one) => replay(one, moved).differences).join('\n')).toMatch(/toLiquidator: ours \d+/)
    expect(V1.flatMap((one) => replay(one, kept).differences).join('\n')).toMatch(/\(liquidate\): the first reading/)
  })
})
