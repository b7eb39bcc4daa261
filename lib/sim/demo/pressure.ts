/** The demo's open interest, funding and mark prices, as Binance, Bybit and OKX publish them, once a minute. */
import { HOUR, type UnixMs } from '../../model/index.ts'
import { DEMO_COINS, type DemoSecond } from './market.ts'
import type { DemoItem } from './session.ts'

const EIGHT_HOURS = 8 * HOUR
/** Open interest in USD per venue at the start, split by the coins' weights. */
const OPEN_INTEREST = { bybit: 9e9, okx: 5e9 } as const

/** The frames of one minute. Open interest shrinks as the price falls below its start: positions are being closed. */
export function demoPressure(second: DemoSecond, from: UnixMs): DemoItem[] {
  const received = (second.time + 1_100) as UnixMs
  const next = (Math.floor(second.time / EIGHT_HOURS) + 1) * EIGHT_HOURS
  const marks: unknown[] = []
  const items: DemoItem[] = []
  for (const { coin, price: start, weight, decimals } of DEMO_COINS) {
    const price = second.prices.get(coin) ?? start
    const drawdown = price / start - 1
    const mark = price.toFixed(decimals)
    const rate = (0.0001 + 0.0012 * drawdown + 0.00002 * Math.sin((second.time - from) / HOUR)).toFixed(8)
    const coins = (usd: number) => (usd * weight * (1 + 0.8 * Math.min(drawdown, 0.1))) / start
    marks.push({ e: 'markPriceUpdate', E: second.time, s: `${coin}USDT`, p: mark, i: mark, P: mark, r: rate, T: next })
    const bybit = {
      symbol: `${coin}USDT`,
      markPrice: mark,
      indexPrice: mark,
      openInterest: coins(OPEN_INTEREST.bybit).toFixed(3),
      openInterestValue: (coins(OPEN_INTEREST.bybit) * price).toFixed(2),
      fundingRate: rate,
      nextFundingTime: String(next),
    }
    items.push(
      frame(
        'bybit',
        { topic: `tickers.${coin}USDT`, type: 'snapshot', ts: second.time, cs: second.time, data: bybit },
        received,
      ),
    )
    const okx = {
      instType: 'SWAP',
      instId: `${coin}-USDT-SWAP`,
      oi: coins(OPEN_INTEREST.okx).toFixed(2),
      oiCcy: coins(OPEN_INTEREST.okx).toFixed(4),
      oiUsd: (coins(OPEN_INTEREST.okx) * price).toFixed(2),
      ts: String(second.time),
    }
    items.push(frame('okx', { arg: { channel: 'open-interest', instId: okx.instId }, data: [okx] }, received))
  }
  items.push(frame('binance-um', marks, received))
  return items
}

function frame(venue: string, message: unknown, received: UnixMs): DemoItem {
  return { kind: 'frame', venue, connection: 'pressure-1', received, text: JSON.stringify(message) }
}
