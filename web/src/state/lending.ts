/** The page of loans as its address writes it: words with their defaults, and the shock taken apart for its controls. */
import {
  DEFAULT_SHOCK,
  DEMO_SEED,
  type LendingShock,
  parseShock,
  shockText,
  withMove,
} from '../../../lib/analytics/index.ts'
import { isBreakwaterError } from '../../../lib/model/index.ts'

/** Every word of the page with its default. `accounts`: `demo`, or `mine` for the table kept in this browser. */
export const LENDING_DEFAULTS = {
  accounts: 'demo',
  seed: DEMO_SEED,
  protocol: '',
  shock: DEFAULT_SHOCK,
  compare: '',
  by: 'collateral',
  order: 'health',
  rows: '1',
  account: '',
  slippage: '0.3%',
  flash: '0.05%',
  gas: '20',
} as const

/** A word of the page. */
export type LendingWord = keyof typeof LENDING_DEFAULTS
/** What the address says. */
export type LendingWords = Readonly<Record<LendingWord, string>>

const NAMES = Object.keys(LENDING_DEFAULTS) as readonly LendingWord[]

/** Reads the words of the address. */
export function parseLending(own: Readonly<Record<string, string>>): LendingWords {
  return Object.fromEntries(NAMES.map((name) => [name, own[name] || LENDING_DEFAULTS[name]])) as LendingWords
}

/** The words that are not the default. */
export function formatLending(words: LendingWords): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NAMES.filter((name) => words[name] !== LENDING_DEFAULTS[name]).map((name) => [name, words[name]]),
  )
}

/** The shock of a word, or what is wrong with it. */
export function readShock(text: string): { readonly shock: LendingShock } | { readonly problem: string } {
  try {
    return { shock: parseShock(text) }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    return { problem: `${error.message}. ${error.fix}` }
  }
}

/** Kinds of shock with what they are called. */
export const SHOCK_KINDS = [
  ['market', 'market'],
  ['only', 'only collateral'],
  ['depeg', 'depeg'],
  ['feed', 'one feed'],
] as const
/** A kind of shock. */
export type ShockKind = (typeof SHOCK_KINDS)[number][0]

/** What may be shocked in a book: assets and what they follow, pairs of a follower and its leader, feeds. */
export type ShockChoices = {
  readonly assets: readonly string[]
  readonly pairs: readonly string[]
  readonly feeds: readonly string[]
}

/** The subject of a shock: what stands between its kind and its move. */
export function subjectOf(shock: LendingShock): string {
  if (shock.kind === 'feed') return shock.feed
  return shock.kind === 'depeg' ? `${shock.asset}/${shock.against}` : shock.asset
}

/** The shock of another kind with the same move, about the same asset where that is possible. */
export function asKind(shock: LendingShock, kind: ShockKind, { assets, pairs, feeds }: ShockChoices): string {
  const move = `${Number((shock.move * 100).toPrecision(12))}%`
  const asset =
    'asset' in shock ? shock.asset : (feeds.find((feed) => 'feed' in shock && feed === shock.feed)?.split('/')[0] ?? '')
  if (kind === 'depeg') {
    const pair = pairs.find((one) => one.split('/').includes(asset)) ?? pairs[0]
    return pair === undefined ? shockText(shock) : `depeg:${pair}=${move}`
  }
  if (kind === 'feed') {
    const feed = feeds.find((one) => one.startsWith(`${asset}/`)) ?? feeds[0]
    return feed === undefined ? shockText(shock) : `feed:${feed}=${move}`
  }
  const against = shock.kind === 'depeg' ? shock.against : asset
  const subject = assets.includes(against) ? against : (assets[0] ?? against)
  return `${kind}:${subject}=${move}`
}

/** The shock that is compared with when none is named: the other one of market and only collateral; of the rest the market. */
export function otherShock(shock: LendingShock, choices: ShockChoices): LendingShock | undefined {
  const kind = shock.kind === 'market' ? 'only' : 'market'
  const read = readShock(asKind(shock, kind, choices))
  return 'shock' in read && shockText(read.shock) !== shockText(shock) ? read.shock : undefined
}

/** Ends and step of the drop's slider, percent. */
export const DROP = { least: 0.5, most: 90, step: 0.5 } as const

/** The fall of a shock in percent; negative: prices rise. */
export function dropOf(shock: LendingShock): number {
  return Number((-shock.move * 100).toPrecision(10))
}

/** The same shock with another fall, as the address writes it. */
export function withDrop(shock: LendingShock, drop: number): string {
  const inside = Math.min(DROP.most, Math.max(DROP.least, Math.round(drop / DROP.step) * DROP.step))
  return shockText(withMove(shock, -inside / 100))
}
