/** The Aave v2 table by hand: both encodings, prices and their age, doubles, doubts, refusals, resumption. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LoanLiquidation, MarketEvent, Rejected, UnixMs } from '../../model/index.ts'
import { aaveV2 } from './aave-v2.ts'

const HEADER =
  'collateralAmount,collateralReserve,pool,principalAmount,principalReserve,timestamp,user,type,liquidator,amountUSDCollateral,amountUSDPrincipal'
const MAIN = '0xb53c1a33016b2dc2ff3653530bff1848a515c8c5'
const HOUR = 3_600
const NOON = Date.UTC(2021, 4, 19, 12) / 1000
const PRICES = `symbol,timestamp,USD_price
WETH,${NOON * 1000},2000
WETH,${(NOON + HOUR) * 1000},2100
MANA,${NOON * 1000},1
USDC,${NOON * 1000},0.999
`
const RESERVES = 'symbol,decimals\nWETH,18\nUSDC,6\nMANA,18\nDAI,18\nAmmDAI,18\n'
const RAW = `1100000000000000000,WETH,${MAIN},2000000000,USDC,${NOON},0xAbC,liquidation,,,`
const base = mkdtempSync(join(tmpdir(), 'breakwater-aave-'))
let folders = 0

async function read(rows: readonly string[], from?: string, files: Record<string, string> = {}) {
  const folder = join(base, String(folders++))
  mkdirSync(folder)
  writeFileSync(join(folder, 'liquidations_x.csv'), [HEADER, ...rows].join('\n'))
  const companions = { 'reserve_tokens.csv': RESERVES, 'usd_prices_hourly.csv': PRICES, ...files }
  for (const [name, text] of Object.entries(companions)) if (text !== '') writeFileSync(join(folder, name), text)
  const found = { events: [] as MarketEvent[], rejected: [] as Rejected[], position: '' }
  for await (const chunk of aaveV2.read(folder, { received: 1 as UnixMs, from })) {
    found.events.push(...chunk.events)
    found.rejected.push(...chunk.rejected)
    found.position = chunk.position
  }
  return { ...found, loans: found.events as (MarketEvent & LoanLiquidation)[] }
}

describe('the Aave v2 table', () => {
  it('reads raw units where no liquidator is named, exactly', async () => {
    const { loans } = await read([RAW])
    expect(loans[0]).toMatchObject({
      venue: 'aave-v2',
      source: 'recorded',
      time: NOON * 1000,
      protocol: 'aave-v2',
      market: 'main',
      account: '0xabc',
      repaid: { asset: 'USDC', amount: '2000', atoms: 2_000_000_000n, decimals: 6 },
      seized: { asset: 'WETH', amount: '1.1', atoms: 1_100_000_000_000_000_000n, usd: 2200 },
      usd: 1998,
      usdBasis: 'price-join',
      place: { chain: 'ethereum' },
      receipt: { file: 'liquidations_x.csv', line: 2 },
    })
    expect(loans[0]?.flags).toBeUndefined()
  })
  it('reads decimal tokens where one is', async () => {
    const { loans } = await read([`1.1,WETH,${MAIN},2000.000001,USDC,${NOON},0xa,liquidation,0xL,,`])
    expect(loans[0]).toMatchObject({ liquidator: '0xl', repaid: { amount: '2000.000001' }, seized: { amount: '1.1' } })
    expect(loans[0]?.repaid.atoms).toBeUndefined()
  })
  it('joins the last price at or before, less than six hours old; before the first, the first', async () => {
    const row = (time: number) => `1,USDC,${MAIN},1,WETH,${time},0x${time},liquidation,0xl,,`
    const times = [HOUR - 1, HOUR, 7 * HOUR - 1, 7 * HOUR, -6 * HOUR + 1, -6 * HOUR].map((offset) => NOON + offset)
    const { loans } = await read(times.map(row))
    expect(loans.map(({ usd }) => usd)).toEqual([2000, 2100, 2100, undefined, 2000, undefined])
  })
  it('counts a dollar without a price at par, and leaves the rest unpriced', async () => {
    const row = (asset: string) => `1,WETH,${MAIN},7,${asset},${NOON},0xa,liquidation,0xl,,`
    const { loans } = await read(['DAI', 'AmmDAI', 'ZRX'].map(row))
    expect(loans.map(({ usd, usdBasis, repaid }) => [repaid.asset, usd, usdBasis])).toEqual([
      ['DAI', 7, 'dollar-par'],
      ['DAI', undefined, undefined],
      ['ZRX', undefined, undefined],
    ])
    const bare = await read([RAW], undefined, { 'usd_prices_hourly.csv': '' })
    expect(bare.loans[0]).toMatchObject({ usd: 2000, usdBasis: 'dollar-par' })
  })
  it('gives repeats one id, and events that differ in the first twelve characters two', async () => {
    const row = (amount: string, user = '0xa') => `1,WETH,${MAIN},${amount},DAI,${NOON},${user},liquidation,0xl,,`
    const rows = [row('1234.5678901'), row('1234.567890199'), row('1234.5678902'), row('1234.5678901', '0xb')]
    const ids = (await read(rows)).events.map(({ id }) => id)
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(3)
  })
  it('says which value is in doubt, and keeps the row', async () => {
    const rows = [
      `2,WETH,${MAIN},2000,USDC,${NOON},0xa,liquidation,0xl,,`,
      `1,WETH,${MAIN},1000,MANA,${NOON},0xb,liquidation,0xl,,`,
      `1,ZRX,${MAIN},1000,MANA,${NOON},0xc,liquidation,0xl,2100,2000`,
      `1.1,WETH,${MAIN},2000,USDC,${NOON},0xd,liquidation,0xl,9,9`,
    ]
    const { loans } = await read(rows)
    expect(loans.map(({ flags }) => flags)).toEqual([
      ['implausible-collateral-price'],
      ['implausible-price'],
      ['implausible-price'],
      undefined,
    ])
    expect(loans.every(({ usd }) => usd !== undefined)).toBe(true)
  })
  it('takes liquidations only, and refuses what it cannot read with its line', async () => {
    const { events, rejected } = await read([
      `1,WETH,${MAIN},1,DAI,${NOON},0xa,borrow,0xl,,`,
      `1,WETH,${MAIN},1,DAI,soon,0xa,liquidation,0xl,,`,
      `1,WETH,${MAIN},1.5,DAI,${NOON},0xa,liquidation,,,`,
      `1,WETH,${MAIN},1,ODD,${NOON},0xa,liquidation,,,`,
      `1,WETH,${MAIN},1,DAI,${NOON},,liquidation,0xl,,`,
      `1,WETH,${MAIN},x,DAI,${NOON},0xa,liquidation,0xl,,`,
      `1,WETH,${MAIN}`,
      RAW,
    ])
    expect(events).toHaveLength(1)
    expect(rejected.map(({ receipt, reason }) => [receipt?.line, reason])).toEqual([
      [3, expect.stringMatching(/timestamp soon/)],
      [4, expect.stringMatching(/whole number/)],
      [5, expect.stringMatching(/decimals of ODD/)],
      [6, 'no user'],
      [7, expect.stringMatching(/amount x/)],
      [8, expect.stringMatching(/cells/)],
    ])
    expect(rejected[5]?.raw).toBe(`1,WETH,${MAIN}`)
  })
  it('goes on after a line with the same ids', async () => {
    const rows = [1, 2, 3, 4].map((n) => `1,WETH,${MAIN},${n},DAI,${NOON},0xa,liquidation,0xl,,`)
    const whole = await read(rows)
    const rest = await read(rows, '3')
    expect(whole.position).toBe('5')
    expect(rest.events.map(({ id, receipt }) => [id, receipt?.line])).toEqual(
      whole.events.slice(2).map(({ id, receipt }) => [id, receipt?.line]),
    )
  })
  it('refuses a folder without the reserves, and claims only its own', async () => {
    await expect(read([RAW], undefined, { 'reserve_tokens.csv': '' })).rejects.toMatchObject({ code: 'bad-file' })
    const candidate = { path: 'x', isFolder: false, entries: [], head: 'time,symbol,side\n' }
    expect(aaveV2.claims(candidate)).toBe(false)
    expect(aaveV2.claims({ ...candidate, head: `${HEADER}\n` })).toBe(true)
  })
})
