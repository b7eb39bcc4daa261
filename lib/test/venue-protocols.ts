/** How each venue talks to a client about the connection itself: acknowledgements, refusals, greetings, pings. For the local venue server. */

/** What a server answers to one message: texts to send, and whether the client now hears the liquidation channel. */
export type Reply = { readonly say: readonly string[]; readonly subscribes?: boolean; readonly cut?: boolean }

/** The connection rules of one venue. */
export type Protocol = {
  /** Said when a client comes. */
  readonly greeting?: readonly string[]
  /** True when the path alone subscribes. */
  readonly pathSubscribes?: (path: string) => boolean
  readonly answer: (text: string) => Reply
  /** The server's own pings; a client that leaves `misses` unanswered is cut. */
  readonly ping?: { readonly text: ((at: number) => string) | 'protocol'; readonly isAnswer: (text: string) => boolean }
  /** The client must say something now and then, or it is cut. */
  readonly clientMustPing?: boolean
  readonly gzip?: boolean
  /** How the venue says no to a subscription; without it, it closes the connection. */
  readonly refusal?: (text: string) => string
}

type Message = Record<string, unknown> & { args?: unknown[]; params?: unknown; id?: unknown }
const NOTHING: Reply = { say: [] }
const says = (...values: unknown[]): Reply => ({ say: values.map((value) => text(value)) })
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
const subscribed = (...values: unknown[]): Reply => ({ ...says(...values), subscribes: true })

function message(raw: string): Message {
  try {
    return JSON.parse(raw) as Message
  } catch {
    return {}
  }
}

const binance: Protocol = {
  // The old address acknowledges and then stays silent for ever.
  pathSubscribes: (path) => /forceOrder/.test(path) && !/^\/(ws|stream)\b.*legacy/.test(path),
  ping: { text: 'protocol', isAnswer: () => false },
  answer: (raw) => {
    const { method, id, params } = message(raw)
    if (method !== 'SUBSCRIBE') return NOTHING
    return { ...says({ result: null, id }), subscribes: String(params).includes('forceOrder') }
  },
}

const bybit: Protocol = {
  clientMustPing: true,
  refusal: (raw) =>
    text({
      success: false,
      ret_msg: 'error:too many topics',
      conn_id: 'c1',
      req_id: message(raw).req_id,
      op: 'subscribe',
    }),
  answer: (raw) => {
    if (raw.length > 21_000)
      return { ...says({ success: false, ret_msg: 'args size >21000', op: 'subscribe' }), cut: true }
    const { op, args = [], req_id } = message(raw)
    if (op === 'ping') return says({ success: true, ret_msg: 'pong', conn_id: 'c1', req_id, op: 'ping' })
    if (op !== 'subscribe') return NOTHING
    const known = args.every((topic) => /^(allLiquidation|tickers|publicTrade)\./.test(String(topic)))
    const ret_msg = known ? '' : `error:handler not found,topic:${args[0]}`
    return { ...says({ success: known, ret_msg, conn_id: 'c1', req_id, op }), subscribes: known }
  },
}

/** OKX and Bitget acknowledge every argument with a message of its own. */
function perArgument(channel: string): Protocol {
  return {
    clientMustPing: true,
    refusal: () => text({ event: 'error', code: '60014', msg: 'Requests too frequent.', connId: 'c1' }),
    answer: (raw) => {
      if (raw === 'ping') return says('pong')
      const { op, args = [] } = message(raw)
      if (op !== 'subscribe') return NOTHING
      const known = args.filter(
        (arg) => text(arg).includes(channel) || /open-interest|funding|mark|ticker/.test(text(arg)),
      )
      const answers = args.map((arg) =>
        known.includes(arg)
          ? { event: 'subscribe', arg, connId: 'c1' }
          : { event: 'error', code: '60018', msg: `Wrong URL or channel ${text(arg)} doesn't exist.`, connId: 'c1' },
      )
      return { ...says(...answers), subscribes: known.length > 0 }
    },
  }
}

const htx: Protocol = {
  gzip: true,
  ping: { text: (at) => text({ op: 'ping', ts: String(at) }), isAnswer: (raw) => message(raw).op === 'pong' },
  answer: (raw) => {
    const { op, topic, cid } = message(raw)
    if (op !== 'sub') return NOTHING
    return subscribed({ op: 'sub', cid, topic, ts: 1_760_000_000_000, 'err-code': 0 })
  },
}

const gate: Protocol = {
  ping: { text: 'protocol', isAnswer: () => false },
  answer: (raw) => {
    const { channel, event, payload, id } = message(raw)
    const time = 1_760_000_000
    if (channel === 'futures.ping') return says({ time, channel: 'futures.pong', event: '', result: null })
    if (event !== 'subscribe') return NOTHING
    return subscribed({ time, id, channel, event, payload, error: null, result: { status: 'success' } })
  },
}

const deribit: Protocol = {
  ping: {
    text: () => text({ jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } }),
    isAnswer: (raw) => message(raw).method === 'public/test',
  },
  answer: (raw) => {
    const { id, method, params } = message(raw)
    const channels = (params as { channels?: unknown[] } | undefined)?.channels ?? []
    if (method === 'public/set_heartbeat') return says({ jsonrpc: '2.0', id, result: 'ok' })
    if (method === 'public/test') return says({ jsonrpc: '2.0', id, result: { version: '1.2.26' } })
    if (method !== 'public/subscribe') return NOTHING
    return subscribed({ jsonrpc: '2.0', id, result: channels })
  },
}

const kraken: Protocol = {
  refusal: () => text({ event: 'error', message: 'Subscription limit' }),
  greeting: [text({ event: 'info', version: 1 })],
  ping: { text: 'protocol', isAnswer: () => false },
  clientMustPing: true,
  answer: (raw) => {
    const { event, feed, product_ids } = message(raw)
    if (event !== 'subscribe') return NOTHING
    return { ...says({ event: 'subscribed', feed, product_ids }), subscribes: feed === 'trade' }
  },
}

const bitfinex: Protocol = {
  refusal: () => text({ event: 'error', msg: 'subscribe: limit', code: 10_305 }),
  greeting: [text({ event: 'info', version: 2, serverId: 's', platform: { status: 1 } })],
  answer: (raw) => {
    const { event, channel, key } = message(raw)
    if (event === 'ping') return says({ event: 'pong', ts: 1_760_000_000_000 })
    if (event !== 'subscribe') return NOTHING
    return subscribed({ event: 'subscribed', channel, chanId: 91_684, key })
  },
}

const dydx: Protocol = {
  refusal: () => text({ type: 'error', message: 'Subscription rate limited', connection_id: 'c1', message_id: 1 }),
  greeting: [text({ type: 'connected', connection_id: 'c1', message_id: 0 })],
  ping: { text: 'protocol', isAnswer: () => false },
  answer: (raw) => {
    const { type, channel, id } = message(raw)
    if (type !== 'subscribe') return NOTHING
    const contents = channel === 'v4_trades' ? { trades: [] } : { markets: {} }
    return subscribed({ type: 'subscribed', connection_id: 'c1', message_id: 1, channel, id, contents })
  },
}

const lighter: Protocol = {
  greeting: [text({ type: 'connected', session_id: 's1' })],
  ping: { text: () => text({ type: 'ping' }), isAnswer: (raw) => message(raw).type === 'pong' },
  answer: (raw) => {
    const { type, channel } = message(raw)
    if (type === 'ping') return says({ type: 'pong' })
    if (type !== 'subscribe') return NOTHING
    const [topic, market] = String(channel).split('/')
    return subscribed({
      type: `subscribed/${topic}`,
      channel: `${topic}:${market}`,
      trades: [],
      liquidation_trades: [],
    })
  },
}

const hyperliquid: Protocol = {
  clientMustPing: true,
  answer: (raw) => {
    const { method, subscription } = message(raw)
    if (method === 'ping') return says({ channel: 'pong' })
    if (method !== 'subscribe') return NOTHING
    return subscribed({ channel: 'subscriptionResponse', data: { method, subscription } })
  },
}

/** The protocols by venue id. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'binance-um': binance,
  'binance-cm': binance,
  aster: binance,
  bybit,
  okx: perArgument('liquidation-orders'),
  htx,
  gate,
  bitget: perArgument('liquidation'),
  deribit,
  kraken,
  bitfinex,
  dydx,
  lighter,
  hyperliquid,
}
