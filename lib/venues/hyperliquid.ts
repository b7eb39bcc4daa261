/**
 * Hyperliquid: no public liquidation feed; fills of followed accounts carry `liquidation`, contexts carry funding, marks and open interest.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
 */
import type { Instruments } from '../model/index.ts'
import { fillFacts, hyperliquidInstrument } from './hyperliquid-fills.ts'
import { isRow, jsonOf, listOf, numberOf, positiveOf, refusal, textOf, tickerFacts } from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions'
const INFO_PAGE = 'https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals'
/** The venue lets one address of ours follow this many accounts. */
const MOST_ACCOUNTS = 10
const ACCOUNT = /^0x[0-9a-fA-F]{40}$/

type Received = Parameters<Decoder>[0]['received']

/**
 * Hyperliquid as it speaks. Symbols that are accounts (`0x…`, at most ten) are followed by their fills; without any there is nothing
 * to hear of liquidations live. Complete history is in the node's files of fills (see `decodeFillsLine`).
 */
export const hyperliquid: Venue = {
  id: 'hyperliquid',
  name: 'Hyperliquid',
  kind: 'perp-dex',
  page: PAGE,
  accounts: true,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'none' },
      page: PAGE,
      note: 'No public feed: live only the fills of followed accounts. Files of node fills that are imported are complete for their hours.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: INFO_PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: INFO_PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: INFO_PAGE },
  ],
  // Every perp is linear and counted in coins: its name says all that a value needs.
  metadata: [],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  const connections: Connection[] = []
  const accounts = (want.symbols ?? []).filter((symbol) => ACCOUNT.test(symbol)).slice(0, MOST_ACCOUNTS)
  if (want.channels.includes('liquidations') && accounts.length > 0) connections.push(fillsOf(accounts))
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  if (asked.length > 0) {
    // One answer holds every contract; the socket would need a subscription for each.
    connections.push({
      kind: 'poll',
      name: 'contexts-1',
      channels: asked,
      url: 'https://api.hyperliquid.xyz/info',
      method: 'POST',
      body: JSON.stringify({ type: 'metaAndAssetCtxs' }),
      everyMs: 60_000,
    })
  }
  return connections
}

function fillsOf(accounts: readonly string[]): SocketPlan {
  return {
    kind: 'socket',
    name: 'liquidations-1',
    channels: ['liquidations'],
    url: 'wss://api.hyperliquid.xyz/ws',
    subscribe: accounts.map((user) =>
      JSON.stringify({ method: 'subscribe', subscription: { type: 'userFills', user: user.toLowerCase() } }),
    ),
    subscribeEveryMs: 100,
    // The venue closes connections that were silent for a minute.
    ping: { everyMs: 30_000, send: { text: JSON.stringify({ method: 'ping' }) } },
    deadAfterMs: 75_000,
    control: (text): Control | undefined => {
      const channel = /"channel"\s*:\s*"(\w+)"/.exec(text.slice(0, 200))?.[1]
      if (channel === 'pong') return { kind: 'heartbeat' }
      if (channel === 'subscriptionResponse') return { kind: 'subscribed' }
      if (channel !== 'error') return undefined
      const frame = jsonOf(text)
      const why = String(isRow(frame) ? frame.data : text)
      return { kind: 'refused', why, harmless: /already subscribed/i.test(why) }
    },
  }
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (Array.isArray(frame)) return contextsFacts(frame, instruments, received, text)
    if (!isRow(frame)) return [refusal('neither an object nor a list', text)]
    const { channel, data } = frame
    if (channel === 'activeAssetCtx') {
      if (!isRow(data)) return [refusal('a context without data', text)]
      return contextFacts(data.coin, data.ctx, instruments, received)
    }
    if (channel !== 'user' && channel !== 'userEvents' && channel !== 'userFills') return []
    if (!isRow(data)) return [refusal('a user frame without data', text)]
    // `userEvents` also tell of funding, and of a liquidation as a whole (`liquidation`): its fills are told one by one as well.
    return listOf(data.fills).flatMap((fill) => {
      const user = textOf(isRow(fill) ? fill.user : undefined) ?? textOf(data.user)
      return fillFacts(fill, user, instruments)
    })
  }
}

/** The answer to `metaAndAssetCtxs`: the names, then the contexts in the same order. */
function contextsFacts(
  frame: readonly unknown[],
  instruments: Instruments,
  received: Received,
  text: string,
): (Decoded | Refused)[] {
  const [meta, contexts] = frame
  const universe = isRow(meta) ? listOf(meta.universe) : []
  const rows = listOf(contexts)
  if (universe.length === 0 || rows.length !== universe.length) {
    return [refusal('names and contexts do not match', text)]
  }
  return rows.flatMap((row, index) => {
    const asset = universe[index]
    // A delisted contract keeps its place in the list with stale numbers.
    if (isRow(asset) && asset.isDelisted === true) return []
    return contextFacts(isRow(asset) ? asset.name : undefined, row, instruments, received)
  })
}

function contextFacts(
  coin: unknown,
  context: unknown,
  instruments: Instruments,
  received: Received,
): (Decoded | Refused)[] {
  const symbol = textOf(coin)
  if (symbol === undefined || !isRow(context)) return [refusal('a context that cannot be read', { coin, context })]
  return tickerFacts({
    instrument: hyperliquidInstrument(symbol, instruments),
    time: undefined,
    received,
    mark: positiveOf(context.markPx),
    index: positiveOf(context.oraclePx),
    funding: { rate: numberOf(context.funding), intervalHours: 1 },
    open: numberOf(context.openInterest),
  })
}
