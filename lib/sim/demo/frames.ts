/** The demo speaks the venues' own wire formats: one function per venue turns true liquidations into the text that venue would send. */
import type { Instrument, UnixMs } from '../../model/index.ts'
import type { DemoLiquidation } from './market.ts'

/** Writes the frames of one venue's liquidation feed for the orders of one second; `at` is the venue's send time. */
export type DemoVoice = {
  readonly venue: string
  readonly connection: string
  /** Its part of all perp liquidations, before its throttle. */
  readonly share: number
  readonly coins: readonly string[] | 'all'
  /** What of a second's orders the venue publishes: everything, or one per symbol (and side). */
  readonly keep: 'all' | 'largest' | 'latest' | 'largest-per-side'
  readonly instrument: (coin: string) => Instrument
  readonly frames: (
    orders: readonly DemoLiquidation[],
    at: UnixMs,
    instrument: (coin: string) => Instrument,
  ) => string[]
}

const linear = (symbol: string, coin: string, contractSize = 1): Instrument => ({
  symbol,
  coin,
  quote: 'USDT',
  settle: 'USDT',
  payoff: 'linear',
  contractSize,
})

const inverse = (symbol: string, coin: string): Instrument => ({
  symbol,
  coin,
  quote: 'USD',
  settle: coin,
  payoff: 'inverse',
  contractSize: 1,
})

const OKX_CONTRACT: Readonly<Record<string, number>> = { BTC: 0.01, ETH: 0.1, SOL: 1, XRP: 100, DOGE: 1_000, HYPE: 1 }
const GATE_CONTRACT: Readonly<Record<string, number>> = { BTC: 0.0001, ETH: 0.01, SOL: 1, XRP: 10, DOGE: 10, HYPE: 0.1 }

const priceText = (order: DemoLiquidation) => order.price.toFixed(order.coin.decimals)
const price = (order: DemoLiquidation) => Number(priceText(order))
/** Coins of an order, at most `digits` decimals and never zero. */
const coins = (order: DemoLiquidation, digits = 3) => {
  const least = 10 ** -digits
  return Number(Math.max(order.usd / order.price, least).toFixed(digits))
}
const lots = (order: DemoLiquidation, lot: number) => Math.max(1, Math.round(order.usd / order.price / lot))
const short = (order: DemoLiquidation) => order.side === 'short'

const binance: DemoVoice = {
  venue: 'binance-um',
  connection: 'liquidations-1',
  share: 0.38,
  coins: 'all',
  keep: 'largest',
  instrument: (coin) => linear(`${coin}USDT`, coin),
  frames: (orders, at) =>
    orders.map((order) => {
      const size = String(coins(order))
      const side = short(order) ? 'BUY' : 'SELL'
      const o = {
        s: `${order.coin.coin}USDT`,
        S: side,
        o: 'LIMIT',
        f: 'IOC',
        q: size,
        p: priceText(order),
        ap: priceText(order),
        X: 'FILLED',
        l: size,
        z: size,
        T: order.time,
      }
      return JSON.stringify({ e: 'forceOrder', E: at, o })
    }),
}

const bybit: DemoVoice = {
  venue: 'bybit',
  connection: 'liquidations-1',
  share: 0.22,
  coins: 'all',
  keep: 'all',
  instrument: (coin) => linear(`${coin}USDT`, coin),
  frames: (orders, at) =>
    bySymbol(orders).map(([coin, rows]) => {
      const data = rows.map((order) => ({
        T: order.time,
        s: `${coin}USDT`,
        S: short(order) ? 'Sell' : 'Buy',
        v: String(coins(order)),
        p: priceText(order),
      }))
      return JSON.stringify({ topic: `allLiquidation.${coin}USDT`, type: 'snapshot', ts: at, data })
    }),
}

const okx: DemoVoice = {
  venue: 'okx',
  connection: 'liquidations-1',
  share: 0.16,
  coins: 'all',
  keep: 'latest',
  instrument: (coin) => linear(`${coin}-USDT-SWAP`, coin, OKX_CONTRACT[coin] ?? 1),
  frames: (orders) =>
    bySymbol(orders).map(([coin, rows]) => {
      const details = rows.map((order) => ({
        bkLoss: '0',
        bkPx: priceText(order),
        ccy: '',
        posSide: order.side,
        side: short(order) ? 'buy' : 'sell',
        sz: String(lots(order, OKX_CONTRACT[coin] ?? 1)),
        ts: String(order.time),
      }))
      const row = {
        details,
        instFamily: `${coin}-USDT`,
        instId: `${coin}-USDT-SWAP`,
        instType: 'SWAP',
        uly: `${coin}-USDT`,
      }
      return JSON.stringify({ arg: { channel: 'liquidation-orders', instType: 'SWAP' }, data: [row] })
    }),
}

const htx: DemoVoice = {
  venue: 'htx',
  connection: 'liquidations-1',
  share: 0.05,
  coins: 'all',
  keep: 'all',
  instrument: (coin) => linear(`${coin}-USDT`, coin),
  frames: (orders, at) =>
    orders.map((order) => {
      const amount = coins(order)
      const code = `${order.coin.coin}-USDT`
      const row = {
        symbol: order.coin.coin,
        contract_code: code,
        direction: short(order) ? 'buy' : 'sell',
        offset: 'close',
        volume: Math.round(amount * 1_000),
        price: price(order),
        created_at: order.time,
        amount,
        trade_turnover: Number((amount * price(order)).toFixed(6)),
        contract_type: 'swap',
        pair: code,
        business_type: 'swap',
        trade_partition: 'USDT',
      }
      return JSON.stringify({ op: 'notify', topic: 'public.*.liquidation_orders', ts: at, data: [row] })
    }),
}

const gate: DemoVoice = {
  venue: 'gate',
  connection: 'liquidations-1',
  share: 0.06,
  coins: 'all',
  keep: 'all',
  instrument: (coin) => linear(`${coin}_USDT`, coin, GATE_CONTRACT[coin] ?? 1),
  frames: (orders, at) => {
    const result = orders.map((order) => ({
      price: priceText(order),
      size: `${short(order) ? '' : '-'}${lots(order, GATE_CONTRACT[order.coin.coin] ?? 1)}`,
      time: order.time,
      contract: `${order.coin.coin}_USDT`,
    }))
    return [
      JSON.stringify({
        channel: 'futures.public_liquidates',
        event: 'update',
        time: Math.floor(at / 1000),
        time_ms: at,
        result,
      }),
    ]
  },
}

const bitget: DemoVoice = {
  venue: 'bitget',
  connection: 'liquidations-1',
  share: 0.08,
  coins: 'all',
  keep: 'largest-per-side',
  instrument: (coin) => linear(`${coin}USDT`, coin),
  frames: (orders, at) => {
    const data = orders.map((order) => ({
      symbol: `${order.coin.coin}USDT`,
      side: short(order) ? 'sell' : 'buy',
      price: priceText(order),
      amount: (coins(order) * price(order)).toFixed(8),
      ts: String(order.time),
    }))
    return [JSON.stringify({ action: 'update', arg: { instType: 'usdt-futures', topic: 'liquidation' }, data, ts: at })]
  },
}

const deribit: DemoVoice = {
  venue: 'deribit',
  connection: 'liquidations-1',
  share: 0.03,
  coins: ['BTC', 'ETH'],
  keep: 'all',
  instrument: (coin) => inverse(`${coin}-PERPETUAL`, coin),
  frames: (orders) =>
    bySymbol(orders).map(([coin, rows]) => {
      const data = rows.map((order, index) => ({
        trade_seq: order.time % 1_000_000_000,
        trade_id: `${order.time}${index}`,
        timestamp: order.time,
        tick_direction: short(order) ? 0 : 3,
        price: price(order),
        liquidation: 'T',
        instrument_name: `${coin}-PERPETUAL`,
        index_price: price(order),
        direction: short(order) ? 'buy' : 'sell',
        amount: Math.max(10, Math.round(order.usd / 10) * 10),
      }))
      return JSON.stringify({
        jsonrpc: '2.0',
        method: 'subscription',
        params: { channel: `trades.future.${coin}.100ms`, data },
      })
    }),
}

const dydx: DemoVoice = {
  venue: 'dydx',
  connection: 'liquidations-1',
  share: 0.02,
  coins: ['BTC', 'ETH', 'SOL'],
  keep: 'all',
  instrument: (coin) => ({ ...linear(`${coin}-USD`, coin), quote: 'USD', settle: 'USDC' }),
  frames: (orders, at) =>
    bySymbol(orders).map(([coin, rows]) => {
      const trades = rows.map((order, index) => ({
        id: order.time.toString(16).padStart(16, '0') + index.toString(16).padStart(8, '0'),
        side: short(order) ? 'BUY' : 'SELL',
        size: String(coins(order, 4)),
        price: priceText(order),
        type: 'LIQUIDATED',
        createdAt: new Date(order.time).toISOString(),
        createdAtHeight: String(Math.floor(order.time / 1000)),
      }))
      return JSON.stringify({
        type: 'channel_data',
        connection_id: 'demo',
        message_id: at % 1_000_000,
        id: `${coin}-USD`,
        channel: 'v4_trades',
        version: '2.4.0',
        contents: { trades },
      })
    }),
}

/** Every perp venue the demo imitates. */
export const DEMO_VOICES: readonly DemoVoice[] = [binance, bybit, okx, htx, gate, bitget, deribit, dydx]

function bySymbol(orders: readonly DemoLiquidation[]): [string, DemoLiquidation[]][] {
  const groups = new Map<string, DemoLiquidation[]>()
  for (const order of orders) {
    const rows = groups.get(order.coin.coin)
    if (rows) rows.push(order)
    else groups.set(order.coin.coin, [order])
  }
  return [...groups]
}
