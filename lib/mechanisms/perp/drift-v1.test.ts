import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SHARED_DATA } from '../../test/shared-data.ts'
import { driftLargestClose, driftLiquidation, driftMarginRatio } from './drift-v1.ts'

const file = join(SHARED_DATA, 'drift-v1-liquidations/liquidation_history_sample_2022-04-01.csv')

/** The only record of the 18 whose fee is two below its account's collateral: three positions, each rounded down; any such split gives it. */
const DUST_OF_THREE = { id: '14352', parts: [100_000n, 100_027n, 233_817n] }

describe('Drift v1', () => {
  it.skipIf(!existsSync(file))('reproduces the 18 recorded liquidations', () => {
    const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
    const names = head.split(',')
    expect(lines).toHaveLength(18)
    let partial = 0
    for (const line of lines) {
      const row = Object.fromEntries(line.split(',').map((word, at) => [names[at], word]))
      const whole = (name: string) => BigInt(row[name] as string)
      const account = {
        collateral: whole('collateral'),
        unrealised: whole('unrealized_pnl'),
        positionValue: whole('base_asset_value'),
      }
      expect(account.collateral + account.unrealised).toBe(whole('total_collateral'))
      // One record was rounded down once more than two positions can: its account of 43 cents had three. The record has only their sum.
      const parts = row.record_id === DUST_OF_THREE.id ? DUST_OF_THREE.parts : [whole('base_asset_value_closed')]
      const done = driftLiquidation(account, parts)
      expect(done).toEqual({
        marginRatio: whole('margin_ratio'),
        partial: row.partial === 'True',
        closed: whole('base_asset_value_closed'),
        fee: whole('liquidation_fee'),
        toLiquidator: whole('fee_to_liquidator'),
        toInsuranceFund: whole('fee_to_insurance_fund'),
      })
      if (done.partial) partial++
      expect(done.closed).toBeLessThanOrEqual(driftLargestClose(account.positionValue, done.partial))
    }
    expect(partial).toBe(14)
  })

  it('takes everything below 5 %, and from dust', () => {
    const account = { collateral: 100_000_000n, unrealised: -60_000_000n, positionValue: 1_000_000_000n }
    expect(driftMarginRatio(account)).toBe(400n)
    expect(driftLiquidation(account, [600_000_000n, 400_000_000n])).toMatchObject({
      partial: false,
      fee: 40_000_000n,
      toLiquidator: 2_000_000n,
    })
    expect(driftLiquidation({ ...account, unrealised: -200_000_000n }, [1n])).toMatchObject({
      fee: 0n,
      marginRatio: 0n,
    })
  })

  it('refuses a safe account and one without positions', () => {
    expect(() => driftLiquidation({ collateral: 7n, unrealised: 0n, positionValue: 100n }, [])).toThrow(/700 e-4/)
    expect(() => driftMarginRatio({ collateral: 7n, unrealised: 0n, positionValue: 0n })).toThrow(/worth 0/)
  })
})
