/** Liquidations in the wire format of every venue with a socket, for the local venue server. What they decode to is the decoders' business. */
import type { Instrument } from '../model/index.ts'

/** One liquidation to be told; `n` makes it unlike every other. */
export type Order = {
  readonly n: number
  readonly coin: 'BTC' | 'ETH'
  readonly side: 'long' | 'short'
  readonly time: number
}

type Voice = { readonly symbol: (coin: string) => string; readonly inverse?: boolean; readonly frame: (orders: readonly Order[]) => string } // biome-ignore format: one record

const price = ({ n, coin }: Order) => (coin === 'BTC' ? 60_000 : 3_000) + n / 10
const size = ({ n }: Order) => 1 + (n % 50)
const sells = ({ side }: Order) => side === 'long'

function binance(suffix: string): Voice {
  const symbol = (coin: string) => `${coin}${suffix}`
  return {
    symbol,
    inverse: suffix !== 'USDT',
    frame: ([order]) => {
      const q = String(size(order!))
      const p = String(price(order!))
      const S = sells(order!) ? 'SELL' : 'BUY'
      const o = { s: symbol(order!.coin), ps: `${order!.coin}USD`, S, o: 'LIMIT', f: 'IOC', q, p, ap: p, X: 'FILLED', l: q, z: q, T: order!.time } // biome-ignore format: one row
      const st = suffix === 'USDT' ? 1 : 2
      return JSON.stringify({ e: 'forceOrder', E: order!.time, st, o: { ...o, st } })
    },
  }
}

const linear = (separator: string, end: string) => (coin: string) => `${coin}${separator}${end}`

const VOICES: Readonly<Record<string, Voice>> = {
  'binance-um': binance('USDT'),
  'binance-cm': binance('USD_PERP'),
  aster: binance('USDT'),
  bybit: {
    symbol: linear('', 'USDT'),
    frame: (orders) => {
      const one = orders.filter(({ coin }) => coin === orders[0]!.coin)
      const data = one.map((order) => ({ T: order.time, s: `${order.coin}USDT`, S: sells(order) ? 'Buy' : 'Sell', v: String(size(order)), p: String(price(order)) })) // biome-ignore format: one row
      return JSON.stringify({
        topic: `allLiquidation.${orders[0]!.coin}USDT`,
        type: 'snapshot',
        ts: one[0]!.time,
        data,
      })
    },
  },
  okx: {
    symbol: linear('-', 'USDT-SWAP'),
    frame: (orders) => {
      const { coin } = orders[0]!
      const details = orders
        .filter((order) => order.coin === coin)
        .map((order) => ({ bkLoss: '0', bkPx: String(price(order)), ccy: '', posSide: order.side, side: sells(order) ? 'sell' : 'buy', sz: String(size(order)), ts: String(order.time) })) // biome-ignore format: one row
      const row = {
        details,
        instFamily: `${coin}-USDT`,
        instId: `${coin}-USDT-SWAP`,
        instType: 'SWAP',
        uly: `${coin}-USDT`,
      }
      return JSON.stringify({ arg: { channel: 'liquidation-orders', instType: 'SWAP' }, data: [row] })
    },
  },
  htx: {
    symbol: linear('-', 'USDT'),
    frame: (orders) => {
      const data = orders.map((order) => {
        const code = `${order.coin}-USDT`
        const amount = size(order)
        return { symbol: order.coin, contract_code: code, direction: sells(order) ? 'sell' : 'buy', offset: 'close', volume: amount * 1000, price: price(order), created_at: order.time, amount, trade_turnover: amount * price(order), contract_type: 'swap', pair: code, business_type: 'swap', trade_partition: 'USDT' } // biome-ignore format: one row
      })
      return JSON.stringify({ op: 'notify', topic: 'public.*.liquidation_orders', ts: orders[0]!.time, data })
    },
  },
  gate: {
    symbol: linear('_', 'USDT'),
    frame: (orders) => {
      const result = orders.map((order) => ({ price: String(price(order)), size: (sells(order) ? -1 : 1) * size(order), time: order.time, contract: `${order.coin}_USDT` })) // biome-ignore format: one row
      const at = orders[0]!.time
      return JSON.stringify({ channel: 'futures.public_liquidates', event: 'update', time: Math.floor(at / 1000), time_ms: at, result }) // biome-ignore format: one row
    },
  },
  bitget: {
    symbol: linear('', 'USDT'),
    frame: (orders) => {
      const data = orders.map((order) => ({ symbol: `${order.coin}USDT`, side: sells(order) ? 'buy' : 'sell', price: String(price(order)), amount: String(size(order) * price(order)), ts: String(order.time) })) // biome-ignore format: one row
      return JSON.stringify({ action: 'update', arg: { instType: 'usdt-futures', topic: 'liquidation' }, data, ts: orders[0]!.time }) // biome-ignore format: one row
    },
  },
  deribit: {
    symbol: (coin) => `${coin}-PERPETUAL`,
    inverse: true,
    frame: (orders) => {
      const { coin } = orders[0]!
      const data = orders
        .filter((order) => order.coin === coin)
        .map((order) => ({ trade_seq: order.n, trade_id: `${order.n}`, timestamp: order.time, tick_direction: 0, price: price(order), liquidation: 'T', instrument_name: `${coin}-PERPETUAL`, index_price: price(order), direction: sells(order) ? 'sell' : 'buy', amount: 10 * size(order) })) // biome-ignore format: one row
      return JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params: { channel: `trades.future.${coin}.100ms`, data } }) // biome-ignore format: one row
    },
  },
  kraken: {
    symbol: (coin) => `PF_${coin === 'BTC' ? 'XBT' : coin}USD`,
    frame: ([order]) =>
      JSON.stringify({ feed: 'trade', product_id: VOICES.kraken!.symbol(order!.coin), uid: `u${order!.n}`, side: sells(order!) ? 'sell' : 'buy', type: 'liquidation', seq: order!.n, time: order!.time, qty: size(order!), price: price(order!) }), // biome-ignore format: one row
  },
  bitfinex: {
    symbol: (coin) => `${coin}F0:USTF0`,
    frame: (orders) => {
      const rows = orders.map((order) => ['pos', order.n, order.time, null, `t${order.coin}F0:USTF0`, (sells(order) ? 1 : -1) * size(order), price(order), null, 0, 0, null, price(order)]) // biome-ignore format: one row
      return JSON.stringify([91_684, rows])
    },
  },
  dydx: {
    symbol: linear('-', 'USD'),
    frame: (orders) => {
      const { coin } = orders[0]!
      const trades = orders
        .filter((order) => order.coin === coin)
        .map((order) => ({ id: String(order.n).padStart(24, '0'), side: sells(order) ? 'SELL' : 'BUY', size: String(size(order)), price: String(price(order)), type: 'LIQUIDATED', createdAt: new Date(order.time).toISOString(), createdAtHeight: '1' })) // biome-ignore format: one row
      return JSON.stringify({ type: 'channel_data', connection_id: 'c1', message_id: 2, id: `${coin}-USD`, channel: 'v4_trades', version: '2.4.0', contents: { trades } }) // biome-ignore format: one row
    },
  },
  lighter: {
    symbol: (coin) => (coin === 'BTC' ? '1' : '0'),
    frame: (orders) => {
      const market = Number(VOICES.lighter!.symbol(orders[0]!.coin))
      const liquidation_trades = orders
        .filter(({ coin }) => coin === orders[0]!.coin)
        .map((order) => ({ trade_id: order.n, tx_hash: 'x', type: 'liquidation', market_id: market, size: String(size(order)), price: String(price(order)), usd_amount: String(size(order) * price(order)), ask_id: 1, bid_id: 2, ask_account_id: 3, bid_account_id: 4, is_maker_ask: !sells(order), timestamp: order.time })) // biome-ignore format: one row
      return JSON.stringify({
        channel: `trade:${market}`,
        liquidation_trades,
        trades: [],
        nonce: 1,
        type: 'update/trade',
      })
    },
  },
  hyperliquid: {
    symbol: (coin) => coin,
    frame: (orders) => {
      const user = '0x00000000000000000000000000000000000000aa'
      const fills = orders.map((order) => ({ coin: order.coin, px: String(price(order)), sz: String(size(order)), side: sells(order) ? 'A' : 'B', time: order.time, startPosition: String((sells(order) ? 1 : -1) * 100), dir: sells(order) ? 'Close Long' : 'Close Short', closedPnl: '-1', hash: '0x0', oid: order.n, crossed: true, fee: '0', tid: order.n, liquidation: { liquidatedUser: user, markPx: String(price(order)), method: 'market' }, feeToken: 'USDC' })) // biome-ignore format: one row
      return JSON.stringify({ channel: 'userFills', data: { user, fills } })
    },
  },
}

/** The venues that can be spoken for. */
export const SPOKEN: readonly string[] = Object.keys(VOICES)

/** One frame with these liquidations; a venue that sends one a frame tells the first, one that sends by contract those of the first's. */
export function frameOf(venue: string, orders: readonly Order[]): string {
  return VOICES[venue]!.frame(orders)
}

/** The two contracts that the frames speak of. */
export function instrumentsOf(venue: string): readonly Instrument[] {
  const { symbol, inverse } = VOICES[venue]!
  const payoff = inverse ? 'inverse' : 'linear'
  return ['BTC', 'ETH'].map((coin) => ({ symbol: symbol(coin), coin, quote: inverse ? 'USD' : 'USDT', settle: inverse ? coin : 'USDT', payoff, contractSize: inverse ? 10 : 0.01 })) // biome-ignore format: one row
}
