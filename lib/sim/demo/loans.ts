/** The demo's lending side: Aave v3 liquidation logs on Ethereum, in the chain's own encoding, while collateral falls. */
import { type Prng, parseFixed, type UnixMs } from '../../model/index.ts'

const POOL = '0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2'
const LIQUIDATION_CALL = '0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286'
const USDC = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const COLLATERAL = [
  { coin: 'ETH', address: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2', decimals: 18 },
  { coin: 'BTC', address: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599', decimals: 8 },
] as const
const SLOT_SECONDS = 12
const FIRST_BLOCK = 24_000_000
/** Aave's bonus for these collaterals, as a multiple of the debt repaid. */
const BONUS = 1.05

/** The log of one liquidation as chain-log text, repaid in USDC; the accounts are made up. */
export function demoLoanLog(
  coinIndex: number,
  usd: number,
  price: number,
  at: UnixMs,
  logIndex: number,
  random: Prng,
): string {
  const collateral = COLLATERAL[coinIndex % COLLATERAL.length] as (typeof COLLATERAL)[number]
  const seized = ((usd * BONUS) / price).toFixed(collateral.decimals === 8 ? 8 : 12)
  const slot = Math.floor(at / 1000 / SLOT_SECONDS)
  const words = [parseFixed(usd.toFixed(2), 6), parseFixed(seized, collateral.decimals)].map((value) =>
    hexWord(value.toString(16)),
  )
  return JSON.stringify({
    chain: 'ethereum',
    address: POOL,
    topics: [
      LIQUIDATION_CALL,
      ...[collateral.address, USDC, randomHex(40, random)].map((address) => `0x${hexWord(address.slice(2))}`),
    ],
    data: `0x${words.join('')}${hexWord(randomHex(40, random).slice(2))}${hexWord('0')}`,
    blockNumber: FIRST_BLOCK + (slot % 10_000_000),
    blockHash: `0x${hexWord(slot.toString(16))}`,
    timestamp: slot * SLOT_SECONDS,
    transactionHash: randomHex(64, random),
    logIndex,
  })
}

/** The coins that stand behind the demo's loans, by the index that {@link demoLoanLog} takes. */
export const DEMO_COLLATERAL: readonly string[] = COLLATERAL.map(({ coin }) => coin)

function hexWord(hex: string): string {
  return hex.padStart(64, '0')
}

function randomHex(digits: number, random: Prng): string {
  let text = '0x'
  for (let i = 0; i < digits; i++) text += random.int(16).toString(16)
  return text
}
