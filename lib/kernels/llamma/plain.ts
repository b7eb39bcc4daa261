/** The plain twin of the scan: the same loan on the same path, bands in maps by number, each price computed where it is needed. */
import type { LlammaPath } from './path.ts'
import type { ScanTerms } from './scan.ts'

type PlainMarket = {
  readonly A: number
  readonly base: number
  readonly last: number
  readonly x: Map<number, number>
  readonly y: Map<number, number>
  oracle: number
  active: number
}

const upper = ({ base, A }: PlainMarket, n: number) => base * ((A - 1) / A) ** n
const lower = (market: PlainMarket, n: number) => upper(market, n + 1)
const currentDown = (market: PlainMarket, n: number) => market.oracle ** 3 / upper(market, n) ** 2
const currentUp = (market: PlainMarket, n: number) => market.oracle ** 3 / lower(market, n) ** 2
const xIn = ({ x }: PlainMarket, n: number) => x.get(n) ?? 0
const yIn = ({ y }: PlainMarket, n: number) => y.get(n) ?? 0

/** The loss that `llammaRunner(path, terms).run(from, to)` gives. */
export function plainLlammaLoss(path: LlammaPath, terms: ScanTerms, from: number, to: number): number {
  const { A, bands, fee, outsideFee } = terms
  const top = (path.open[from] as number) * (1 + 1e-4 * (1 - 1 / A))
  const market: PlainMarket = { A, base: top, last: bands - 1, x: new Map(), y: new Map(), oracle: top, active: 0 }
  for (let n = 0; n < bands; n++) market.y.set(n, 1 / bands)
  market.oracle = top * (1 + 1 / (A - 1))
  const start = fetches(market)
  for (let i = from; i < to; i++) {
    market.oracle = path.oracle[i] as number
    const base = Math.max(fee, path.oracleFee[i] as number)
    tradeUp(market, (path.high[i] as number) * (1 - outsideFee), base)
    tradeDown(market, (path.low[i] as number) * (1 + outsideFee), base)
  }
  return 1 - fetches(market) / start
}

function feeOf(market: PlainMarket, n: number, base: number): number {
  const { oracle } = market
  const down = currentDown(market, n)
  const up = currentUp(market, n)
  if (oracle < down) return Math.max(base, (down - oracle) / down / 4)
  if (oracle > up) return Math.max(base, (oracle - up) / oracle / 4)
  return base
}

function y0Of(market: PlainMarket, n: number): number {
  const { A, oracle } = market
  const [x, y, up] = [xIn(market, n), yIn(market, n), upper(market, n)]
  const b = (up / oracle) * (A - 1) * x + (oracle ** 2 / up) * A * y
  return (b + Math.sqrt(b ** 2 + 4 * oracle * A * x * y)) / (2 * oracle * A)
}

function offsets(market: PlainMarket, n: number) {
  const y0 = y0Of(market, n)
  const { A, oracle } = market
  const f = (A * y0 * oracle ** 2) / upper(market, n)
  const g = ((A - 1) * y0 * upper(market, n)) / oracle
  return { f, g, invariant: (f + xIn(market, n)) * (g + yIn(market, n)) }
}

function tradeUp(market: PlainMarket, price: number, base: number): void {
  for (; ; market.active++) {
    const n = market.active
    const [x, y] = [xIn(market, n), yIn(market, n)]
    if (y > 0) {
      const fee = feeOf(market, n, base)
      const target = price * (1 - fee)
      if (target <= currentDown(market, n)) return
      const { f, g, invariant } = offsets(market, n)
      const left = Math.sqrt(invariant / target) - g
      if (left >= y) return
      const rest = Math.max(left, 0)
      market.y.set(n, rest)
      market.x.set(n, x + (invariant / (g + rest) - f - x) / (1 - fee))
      if (left > 0) return
    }
    if (n === market.last) return
  }
}

function tradeDown(market: PlainMarket, price: number, base: number): void {
  for (; ; market.active--) {
    const n = market.active
    const [x, y] = [xIn(market, n), yIn(market, n)]
    if (x > 0) {
      const fee = feeOf(market, n, base)
      const target = price / (1 - fee)
      if (target >= currentUp(market, n)) return
      const { f, g, invariant } = offsets(market, n)
      const left = Math.sqrt(invariant * target) - f
      if (left >= x) return
      const rest = Math.max(left, 0)
      market.x.set(n, rest)
      market.y.set(n, y + (invariant / (f + rest) - g - y) / (1 - fee))
      if (left > 0) return
    }
    if (n === 0) return
  }
}

/** What all bands fetch on a slow way down. */
function fetches(market: PlainMarket): number {
  let sum = 0
  for (let n = 0; n <= market.last; n++) sum += fetchesOf(market, n)
  return sum
}

function fetchesOf(market: PlainMarket, n: number): number {
  const { A, oracle } = market
  const [x, y, up, down] = [xIn(market, n), yIn(market, n), upper(market, n), lower(market, n)]
  if (x === 0 && y === 0) return 0
  const { f, g, invariant } = offsets(market, n)
  if (oracle > up) return (invariant / f - g) * up * Math.sqrt((A - 1) / A)
  if (oracle < down) return invariant / g - f
  const heldY = A * y0Of(market, n) * (1 - down / oracle)
  return invariant / (g + heldY) - f + heldY * Math.sqrt(down * oracle)
}
