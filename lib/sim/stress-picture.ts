/**
 * A what-if as one picture: per coin the price falling round by round, who paid, and the spread of the paths. SVG as text, made without a clock or a
 * screen; the same numbers give the same picture. Longs sold are orange and point down, purchases blue and up; red is a loss to the system.
 */

/** One coin's fall: prices of the start, of the shock, and after each round, with coins forced in it. */
export type PictureCoin = {
  readonly coin: string
  readonly start: number
  readonly external: number
  readonly rounds: readonly { readonly after: number; readonly coins: number }[]
}

/** Values by share of the paths, least first. */
export type PictureSpread = {
  readonly title: string
  readonly values: readonly { readonly share: number; readonly value: number }[]
}

/** What is drawn. Money in dollars; `system`: bars that are losses of the system. `footer`: where the numbers come from. */
export type StressPicture = {
  readonly title: string
  readonly lines: readonly string[]
  readonly coins: readonly PictureCoin[]
  readonly payers: readonly { readonly name: string; readonly usd: number; readonly system?: boolean }[]
  readonly spreads: readonly PictureSpread[]
  readonly footer: readonly string[]
}

const WIDTH = 960
const MARGIN = 32
const ORANGE = '#d55e00'
const BLUE = '#0072b2'
const RED = '#b3261e'
const GREY = '#6b7280'
const PANEL = 190

/** Draws. */
export function stressPicture(picture: StressPicture): string {
  const { title, lines, coins, payers, spreads, footer } = picture
  const parts: string[] = [text(MARGIN, 36, title, 'font-size="18" font-weight="600"')]
  let y = 58
  for (const line of lines) {
    parts.push(text(MARGIN, y, line, `font-size="12" fill="${GREY}"`))
    y += 17
  }
  y += 8
  for (const coin of coins) {
    parts.push(`<g transform="translate(0 ${y})">${coinPanel(coin)}</g>`)
    y += PANEL
  }
  if (payers.length > 0) {
    parts.push(`<g transform="translate(0 ${y})">${payerPanel(payers)}</g>`)
    y += 34 + payers.length * 22
  }
  for (const spread of spreads) {
    parts.push(`<g transform="translate(0 ${y})">${spreadPanel(spread)}</g>`)
    y += 74
  }
  y += 12
  for (const line of footer) {
    parts.push(text(MARGIN, y, line, `font-size="11" fill="${GREY}" font-family="ui-monospace, monospace"`))
    y += 15
  }
  const height = y + 12
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" role="img" aria-label="${escaped(title)}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`
}

function coinPanel({ coin, start, external, rounds }: PictureCoin): string {
  const prices = [start, external, ...rounds.map(({ after }) => after)]
  const [low, high] = [Math.min(...prices), Math.max(...prices)]
  const span = high - low || high * 0.01
  const at = (price: number) => 34 + ((high - price) / span) * (PANEL - 70)
  const columns = rounds.length + 2
  const step = (WIDTH - 2 * MARGIN - 90) / Math.max(columns, 3)
  const x = (index: number) => MARGIN + 80 + index * step
  const down = external <= start
  const bars = rounds.map(({ after, coins }, index) => {
    const before = index === 0 ? external : (rounds[index - 1] as { after: number }).after
    const [top, bottom] = [Math.min(at(before), at(after)), Math.max(at(before), at(after))]
    const label =
      step > 60
        ? text(
            x(index + 2) + step / 2,
            bottom + 12,
            `${number(coins)} ${down ? '▼' : '▲'}`,
            'font-size="10" text-anchor="middle"',
          )
        : ''
    return `<rect x="${fixed(x(index + 2) + 2)}" y="${fixed(top)}" width="${fixed(Math.max(1, step - 4))}" height="${fixed(Math.max(1, bottom - top))}" fill="${down ? ORANGE : BLUE}"/>${label}`
  })
  const shock = `<rect x="${fixed(x(1) + 2)}" y="${fixed(Math.min(at(start), at(external)))}" width="${fixed(step - 4)}" height="${fixed(Math.max(1, Math.abs(at(external) - at(start))))}" fill="#9ca3af"/>`
  const last = prices[prices.length - 1] as number
  const rule = (price: number, words: string) =>
    `<line x1="${MARGIN + 76}" x2="${WIDTH - MARGIN}" y1="${fixed(at(price))}" y2="${fixed(at(price))}" stroke="#d1d5db" stroke-dasharray="3 3"/>${text(MARGIN, at(price) + 4, words, 'font-size="11"')}`
  return [
    text(
      MARGIN,
      14,
      `${coin}: shock ${share(external / start - 1)}, with forced ${down ? 'sales (long liquidated, sold)' : 'purchases (short liquidated, bought)'} ${share(last / start - 1)}`,
      'font-size="13" font-weight="600"',
    ),
    rule(start, number(start)),
    rule(external, number(external)),
    ...(last === external ? [] : [rule(last, number(last))]),
    ...[shock, ...bars],
  ].join('')
}

function payerPanel(payers: StressPicture['payers']): string {
  const most = Math.max(...payers.map(({ usd }) => Math.abs(usd)), 1e-9)
  const middle = MARGIN + 420
  const half = WIDTH - MARGIN - middle - 90
  const rows = payers.map(({ name, usd, system }, index) => {
    const y = 30 + index * 22
    const width = (Math.abs(usd) / most) * half * 0.68
    const left = usd < 0 ? middle - width : middle
    const fill = system && usd < 0 ? RED : usd < 0 ? ORANGE : BLUE
    const edge = usd < 0 ? left - 6 : left + width + 6
    return `${text(MARGIN, y + 12, name, 'font-size="12"')}<rect x="${fixed(left)}" y="${y}" width="${fixed(Math.max(0.5, width))}" height="15" fill="${fill}"/>${text(edge, y + 12, dollars(usd), `font-size="11" text-anchor="${usd < 0 ? 'end' : 'start'}"`)}`
  })
  const sum = payers.reduce((total, { usd }) => total + usd, 0)
  return [
    text(
      MARGIN,
      14,
      `Who paid (Σ = ${(Math.abs(sum) < 0.005 ? 0 : sum).toFixed(2)})`,
      'font-size="13" font-weight="600"',
    ),
    `<line x1="${middle}" x2="${middle}" y1="26" y2="${28 + payers.length * 22}" stroke="${GREY}"/>`,
    ...rows,
  ].join('')
}

function spreadPanel({ title, values }: PictureSpread): string {
  const [first, last] = [values[0]?.value ?? 0, values[values.length - 1]?.value ?? 0]
  const span = last - first || Math.abs(first) || 1
  const x = (value: number) => MARGIN + 10 + ((value - first) / span) * (WIDTH - 2 * MARGIN - 20)
  const marks = groups(values).map(({ from, to, value }, index, all) => {
    const y = 40 + (index % 2) * 14
    const anchor = index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle'
    const percents = from === to ? percent(from) : `${percent(from).replace(' %', '')} to ${percent(to)}`
    const dot = `<circle cx="${fixed(x(value))}" cy="28" r="3.5" fill="${from <= 0.5 && to >= 0.5 ? ORANGE : BLUE}"/>`
    return `${dot}${text(x(value), y + 8, `${percents}: ${number(value)}`, `font-size="10" text-anchor="${anchor}"`)}`
  })
  return `${text(MARGIN, 14, title, 'font-size="13" font-weight="600"')}<line x1="${MARGIN + 10}" x2="${WIDTH - MARGIN - 10}" y1="28" y2="28" stroke="#d1d5db"/>${marks.join('')}`
}

const percent = (part: number) => `${Math.round(part * 100)} %`

/** Shares that have one value, as far as it is shown, are one mark. */
function groups(values: PictureSpread['values']): { from: number; to: number; value: number }[] {
  const found: { from: number; to: number; value: number }[] = []
  for (const { share: part, value } of values) {
    const last = found[found.length - 1]
    if (last && number(last.value) === number(value)) last.to = part
    else found.push({ from: part, to: part, value })
  }
  return found
}

const escaped = (words: string) =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const fixed = (value: number) => Number(value.toFixed(1))
const text = (x: number, y: number, words: string, more: string) =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${escaped(words)}</text>`
const number = (value: number) => {
  const [whole = '', part] = String(Number(value.toPrecision(6))).split('.')
  return whole.includes('e') ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part ? `.${part}` : '')
}
const share = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(2)} %`

function dollars(usd: number): string {
  const size = Math.abs(usd)
  const [scale, letter] = size >= 1e9 ? [1e9, ' B'] : size >= 1e6 ? [1e6, ' M'] : size >= 1e3 ? [1e3, ' k'] : [1, '']
  return `${usd < 0 ? '−' : '+'}$${Number((size / scale).toPrecision(3))}${letter}`
}
