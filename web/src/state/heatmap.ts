/** The heatmap as its address writes it: whose levels, the layer, what part of it is shown, the price asked about, and the estimate's assumptions. */
import type { EstimateTerms, LeverageShare } from '../../../lib/analytics/index.ts'
import { type NumberRule, numberOf } from './cascade.ts'

/** The words of the address. `low` … `to` are the part shown; empty: all of it. */
export const HEATMAP_WORDS = {
  book: 'demo',
  seed: '7',
  positions: '',
  coin: 'BTC',
  layer: 'exact',
  hide: '',
  low: '',
  high: '',
  from: '',
  to: '',
  price: '',
  mix: '3:20,5:25,10:30,20:15,40:10',
  maintenance: '1',
  turnover: '1',
  cluster: '0',
  step: '1000',
} as const
/** Words by field. */
export type HeatmapWords = Readonly<Record<keyof typeof HEATMAP_WORDS, string>>
/** A field. */
export type HeatmapField = keyof HeatmapWords

/** The fields that are numbers. */
export const HEATMAP_NUMBERS = {
  maintenance: {
    ...{ label: 'Maintenance margin', unit: '% of notional', least: 0, most: 50 },
    hint: 'flat, of every position',
  },
  turnover: {
    ...{ label: 'Turnover', unit: '% a bar', least: 0, most: 50 },
    ...{
      scale: { kind: 'linear', from: 0, to: 10, step: 0.1 },
      hint: 'closes and opens anew each hour: old levels decay',
    },
  },
  cluster: {
    ...{ label: 'At round numbers', unit: '%', least: 0, most: 100 },
    scale: { kind: 'linear', from: 0, to: 60, step: 1 },
  },
  step: { label: 'Round numbers every', unit: '$', over: 0, most: 1e9 },
} as const satisfies Partial<Record<HeatmapField, NumberRule>>

/** Most positions that the page makes. */
export const MOST_POSITIONS = 2_000_000

/** What the words mean; a word that means nothing leaves the default and a sentence. */
export type HeatmapInput = {
  readonly book: 'demo' | 'own'
  readonly seed: string
  readonly positions: number
  readonly layer: 'exact' | 'estimate'
  readonly hidden: readonly string[]
  readonly terms: EstimateTerms
  /** Undefined: not said. */
  readonly shown: { readonly [end in 'low' | 'high' | 'from' | 'to']: number | undefined }
  readonly price: number | undefined
  readonly complaints: Readonly<Partial<Record<HeatmapField, string>>>
}

/** The words of an address, defaults filled in. */
export function heatmapWords(own: Readonly<Record<string, string>>): HeatmapWords {
  return { ...HEATMAP_WORDS, ...Object.fromEntries(Object.entries(own).filter(([key]) => key in HEATMAP_WORDS)) }
}

/** What the address says of them: all but the defaults. */
export function heatmapAddress(words: HeatmapWords): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(words).filter(([key, word]) => word !== HEATMAP_WORDS[key as HeatmapField] && word !== ''),
  )
}

/** Reads the words. */
export function readHeatmap(words: HeatmapWords): HeatmapInput {
  const complaints: Partial<Record<HeatmapField, string>> = {}
  const number = (field: keyof typeof HEATMAP_NUMBERS) => {
    const read = numberOf(words[field], HEATMAP_NUMBERS[field])
    if (typeof read === 'string') complaints[field] = read
    return typeof read === 'number' ? read : Number(HEATMAP_WORDS[field])
  }
  const optional = (field: 'low' | 'high' | 'from' | 'to' | 'price') => {
    const value = words[field] === '' ? undefined : Number(words[field])
    return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined
  }
  const maintenance = number('maintenance') / 100
  const mix = parseMix(words.mix, maintenance)
  if (typeof mix === 'string') complaints.mix = mix
  if (words.layer !== 'exact' && words.layer !== 'estimate')
    complaints.layer = `'${words.layer}' is no layer: exact or estimate.`
  const positions = words.positions === '' ? 0 : Number(words.positions)
  const allowed = Number.isInteger(positions) && positions >= 0 && positions <= MOST_POSITIONS
  if (!allowed) complaints.positions = `${words.positions} is no number of positions up to ${MOST_POSITIONS}.`
  return {
    ...{ book: words.book === 'own' ? 'own' : 'demo', seed: words.seed, positions: allowed ? positions : 0 },
    layer: words.layer === 'estimate' ? 'estimate' : 'exact',
    hidden: words.hide.split(',').filter((one) => one !== ''),
    terms: {
      leverages: typeof mix === 'string' ? (parseMix(HEATMAP_WORDS.mix, 0) as readonly LeverageShare[]) : mix,
      maintenance: typeof mix === 'string' ? Number(HEATMAP_WORDS.maintenance) / 100 : maintenance,
      ...{ bucket: 0.002, turnover: number('turnover') / 100, source: 'estimate' },
      ...{ clusterShare: number('cluster') / 100, clusterStep: number('step') },
    },
    shown: { low: optional('low'), high: optional('high'), from: optional('from'), to: optional('to') },
    price: optional('price') || undefined,
    complaints,
  }
}

/** `3:20,10:80`: leverages with their shares of what is opened, in any unit; a sentence where it is none. */
export function parseMix(text: string, maintenance: number): readonly LeverageShare[] | string {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > 20) return 'more than 20 leverages.'
  const rows = parts.map((part) => /^(\d{1,3}(?:\.\d{1,2})?)\s*[x×]?\s*:\s*(\d{1,6}(?:\.\d{1,4})?)$/.exec(part))
  const wrong = rows.indexOf(null)
  if (wrong >= 0) return `'${parts[wrong]}' is not leverage:share, such as 10:30.`
  const pairs = rows.map((row) => ({ leverage: Number(row?.[1]), share: Number(row?.[2]) }))
  const high = pairs.find(({ leverage }) => !(leverage > 0 && 1 / leverage > maintenance))
  if (high) return `a leverage of ${high.leverage} leaves nothing above the maintenance margin.`
  const sum = pairs.reduce((all, { share }) => all + share, 0)
  if (!(sum > 0)) return 'the shares are all 0.'
  return pairs.map(({ leverage, share }) => ({ leverage, share: share / sum }))
}
