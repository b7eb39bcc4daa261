/** Loans of Aave v3, Morpho and Compound v3 as they stand on a chain at a block, as a book that every question can be asked of. */
import { type Address, erc20Abi, getAddress } from 'viem'
import {
  aaveLendingBook,
  cometLendingBook,
  type LendingBook,
  type LendingBooks,
  morphoLendingBook,
  type PriceMap,
  TABLE_BOOKS,
  TABLE_PROTOCOLS,
  usdFeed,
} from '../analytics/index.ts'
import {
  aaveV3Borrowers,
  type ChainAt,
  chainAt,
  cometBorrowers,
  momentOf,
  morphoBorrowers,
  readAaveV3,
  readComet,
  readMorpho,
} from '../feed/index.ts'
import { breakwaterError, parseFixed } from '../model/index.ts'

/** Options that say where to read. `market`: Aave's pool, a Comet, or ids of Morpho's markets; `price`: `WETH=3000`, for loan assets of Morpho. */
export type ChainOptions = {
  readonly rpc?: string | undefined
  readonly block?: string | undefined
  readonly market?: string | undefined
  readonly protocol?: string | undefined
  readonly account?: string | undefined
  readonly fromBlock?: string | undefined
  readonly price?: readonly string[] | undefined
}

/** Ethereum's own deployments, for whoever names none. */
const ETHEREUM: Readonly<Record<string, Address>> = {
  'aave-v3': '0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2',
  'compound-v3': '0xc3d688B66703497DAA19211EEdff47f25384cdc3',
  'morpho-blue': '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb',
}

/** Which asset a well-known symbol follows. */
const FOLLOWS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ETH: 'WETH stETH weETH rETH cbETH ezETH rsETH osETH ETHx eETH mETH tETH',
    stETH: 'wstETH',
    BTC: 'WBTC cbBTC tBTC LBTC eBTC FBTC',
  }).flatMap(([leader, symbols]) => symbols.split(' ').map((symbol) => [symbol, leader] as const)),
)

/** Reads the loans. Throws `bad-config` for options that name none, and as the reading does. */
export async function chainBooks(options: ChainOptions): Promise<LendingBooks> {
  const { rpc: url = '', protocol = 'aave-v3', block } = options
  const chain = await chainAt({ url, block: block === undefined ? undefined : blockOf('block', block) })
  const family = protocol.startsWith('aave-v3') ? 'aave-v3' : protocol
  const read = { 'aave-v3': aaveBook, 'compound-v3': cometBook, 'morpho-blue': morphoBook }[family]
  if (!read)
    throw breakwaterError(
      'unknown-protocol',
      `positions of ${protocol.slice(0, 40)} cannot be read from a chain`,
      { protocol: protocol.slice(0, 40) },
      { fix: 'Read aave-v3, compound-v3 or morpho-blue, or give a table with --accounts.' },
    )
  const book = (await read(chain, options)) as unknown as LendingBook
  const says = `Loans of ${family} read from chain ${chain.chainId} at block ${chain.block}.`
  const source = { kind: 'chain', says, chain: chain.chainId, block: String(chain.block), refused: [] } as const
  return { source, books: [book] }
}

function blockOf(word: string, text: string): bigint {
  if (/^\d{1,12}$/.test(text)) return BigInt(text)
  throw breakwaterError('bad-config', `--${word} '${text.slice(0, 20)}' is no block number`, {
    [word]: text.slice(0, 20),
  })
}

function marketOf(chain: ChainAt, { market }: ChainOptions, family: string): Address {
  const address = market ?? (chain.chainId === 1 ? ETHEREUM[family] : undefined)
  if (address !== undefined && /^0x[0-9a-fA-F]{40}$/.test(address)) return address as Address
  throw breakwaterError(
    'bad-config',
    market === undefined
      ? `the market of ${family} on chain ${chain.chainId} is not known`
      : `'${market.slice(0, 60)}' is no address`,
    { chain: chain.chainId },
    { fix: 'Give its address with --market 0x….' },
  )
}

/** The accounts that are named, or every borrower since a block. */
async function accountsOf(options: ChainOptions, borrowers: (from: bigint) => Promise<readonly string[]>) {
  const named = namedAccounts(options)
  if (named) return named
  if (options.fromBlock !== undefined) return borrowers(blockOf('from-block', options.fromBlock))
  throw unnamed()
}

const unnamed = () =>
  breakwaterError(
    'bad-config',
    'it is not said whose loans to read',
    {},
    { fix: 'Name accounts with --account 0x…,0x…, or read every borrower of the logs with --from-block N.' },
  )

/** The accounts of `--account`, each a whole address. */
function namedAccounts({ account }: ChainOptions): readonly Address[] | undefined {
  return account?.split(',').map((one) => {
    const text = one.trim()
    if (/^0x[0-9a-fA-F]{40}$/.test(text)) return getAddress(text.toLowerCase())
    throw breakwaterError(
      'bad-config',
      `'${text.slice(0, 60)}' is no address of an account`,
      {},
      { fix: 'Write --account 0x…,0x….' },
    )
  })
}

type Token = { readonly symbol: string; readonly decimals: number }

/** Symbols and decimals of tokens; one that tells no symbol is called by its address. */
async function tokensOf(chain: ChainAt, addresses: readonly string[]): Promise<ReadonlyMap<string, Token>> {
  const of = (address: string, name: string) => ({ address: address as Address, abi: erc20Abi, name })
  const answers = await chain.any(addresses.flatMap((address) => [of(address, 'symbol'), of(address, 'decimals')]))
  return new Map(
    addresses.map((address, index) => {
      const [symbol, decimals] = [answers[2 * index], answers[2 * index + 1]]
      return [address, { symbol: typeof symbol === 'string' ? symbol : address, decimals: Number(decimals ?? 18) }]
    }),
  )
}

const namesOf = (tokens: ReadonlyMap<string, Token>) => new Map([...tokens].map(([key, { symbol }]) => [key, symbol]))

async function aaveBook(chain: ChainAt, options: ChainOptions) {
  const pool = marketOf(chain, options, 'aave-v3')
  const accounts = await accountsOf(options, (from) => aaveV3Borrowers(chain, pool, from))
  const read = await readAaveV3(chain, { pool, accounts, idle: options.account !== undefined })
  const names = namesOf(await tokensOf(chain, [...read.state.reserves.keys()]))
  const [book, mechanism] = [TABLE_BOOKS.get(read.mechanism), TABLE_PROTOCOLS.get(read.mechanism)]
  if (!book || !mechanism) throw breakwaterError('unknown-protocol', `${read.mechanism} has no rule book`)
  const feeds = new Map([...names].map(([asset, base]) => [asset, { base }] as const))
  const map: PriceMap = { feeds, follows: FOLLOWS }
  return aaveLendingBook(book, mechanism, read.state, { protocol: 'aave-v3', at: momentOf(read), map, names })
}

async function cometBook(chain: ChainAt, options: ChainOptions) {
  const comet = marketOf(chain, options, 'compound-v3')
  const accounts = await accountsOf(options, (from) => cometBorrowers(chain, comet, from))
  const read = await readComet(chain, { comet, accounts })
  const { base, assets } = read.state.config
  const names = namesOf(
    await tokensOf(
      chain,
      [base, ...assets].map(({ symbol }) => symbol),
    ),
  )
  const nameOf = (asset: string) => names.get(asset) ?? asset
  // A market of ether quotes everything in it: its base is worth exactly one.
  const leader = FOLLOWS.get(nameOf(base.symbol))
  const inBase = leader !== undefined && read.prices.get(base.feed) === 10n ** 8n
  const quote = inBase ? nameOf(base.symbol) : 'USD'
  const feeds = new Map([base, ...assets].map(({ symbol, feed }) => [feed, { base: nameOf(symbol), quote }] as const))
  if (!inBase)
    return cometLendingBook(read.state, {
      ...{ protocol: 'compound-v3', at: momentOf(read), map: { feeds, follows: FOLLOWS }, names },
    })
  const prices = new Map(read.prices).set(usdFeed(quote), pricesGiven(options, [quote]).get(quote) ?? 0n)
  const map = {
    feeds: new Map<string, { base: string; quote?: string }>(feeds).set(usdFeed(quote), { base: quote }),
    follows: FOLLOWS,
  }
  const at = momentOf({ time: read.time, prices })
  return cometLendingBook(
    read.state,
    { protocol: 'compound-v3', at, map, names },
    (moment) => Number(moment.price(usdFeed(quote)) ?? 0n) / 1e8,
  )
}

async function morphoBook(chain: ChainAt, options: ChainOptions) {
  const ids = (options.market ?? '').split(',').filter((id) => /^0x[0-9a-fA-F]{64}$/.test(id))
  if (ids.length === 0)
    throw breakwaterError(
      'bad-config',
      'it is not said which of Morpho’s markets to read',
      {},
      { fix: 'Give their ids with --market 0x…,0x….' },
    )
  const morpho = marketOf(chain, { ...options, market: undefined }, 'morpho-blue')
  const named = namedAccounts(options)
  if (!named && options.fromBlock === undefined) throw unnamed()
  const found = named
    ? undefined
    : await morphoBorrowers(chain, morpho, blockOf('from-block', options.fromBlock ?? ''), ids)
  const markets = new Map(ids.map((id) => [id, named ?? found?.get(id) ?? []]))
  const read = await readMorpho(chain, { morpho, markets })
  const assets = [...new Set([...read.state.markets.values()].flatMap(({ loan, collateral }) => [loan, collateral]))]
  const tokens = await tokensOf(chain, assets)
  const nameOf = (asset: string) => tokens.get(asset)?.symbol ?? asset
  const loans = [...new Set([...read.state.markets.values()].map(({ loan }) => loan))]
  const given = pricesGiven(options, loans.map(nameOf))
  const prices = new Map([
    ...read.prices,
    ...loans.map((loan) => [usdFeed(loan), given.get(nameOf(loan)) ?? 0n] as const),
  ])
  const feeds = new Map<string, { base: string; quote?: string; pair?: 'collateral-in-debt' }>()
  for (const { feed, loan, collateral } of read.state.markets.values())
    feeds
      .set(feed, { base: nameOf(collateral), quote: nameOf(loan), pair: 'collateral-in-debt' })
      .set(usdFeed(loan), { base: nameOf(loan) })
  const decimals = new Map(
    [...tokens].flatMap(
      ([asset, token]) =>
        [
          [asset, token.decimals],
          [token.symbol, token.decimals],
        ] as const,
    ),
  )
  const at = momentOf({ time: read.time, prices })
  const common = { protocol: 'morpho-blue', at, map: { feeds, follows: FOLLOWS }, names: namesOf(tokens) }
  return morphoLendingBook(read.state, decimals, common)
}

/** Dollars (8 decimals) of assets that no oracle of the market prices in dollars. Refuses `missing-price` for one that was not given. */
function pricesGiven({ price = [] }: ChainOptions, needed: readonly string[]): ReadonlyMap<string, bigint> {
  const given = new Map(
    price.map((pair) => {
      const [, symbol, text] = /^([^=]{1,40})=(\d{1,12}(?:\.\d{1,8})?)$/.exec(pair) ?? []
      if (symbol === undefined || text === undefined || Number(text) <= 0)
        throw breakwaterError(
          'bad-config',
          `'${pair.slice(0, 60)}' is no price`,
          {},
          { fix: 'Write --price WETH=3000.' },
        )
      return [symbol, parseFixed(text, 8)] as const
    }),
  )
  const missing = needed.filter((symbol) => !given.has(symbol))
  if (missing.length === 0) return given
  throw breakwaterError(
    'missing-price',
    `the market’s oracles know no dollars of ${missing.join(', ')}`,
    { assets: missing.join(', ') },
    { fix: missing.map((symbol) => `--price ${symbol}=DOLLARS`).join(' ') },
  )
}
