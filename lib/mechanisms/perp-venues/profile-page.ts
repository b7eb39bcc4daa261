/** The page of all profiles, docs/perp-profiles.md, written from the data: what each rule says, how sure it is, and where it is written. */
import type { FundingRule, MarkRule, PerpProfile, ProfileMarket, RuleFamily, RuleSource } from '../perp/profile.ts'

/** How the page is written anew when the profiles changed. */
export const REFRESH_COMMAND = 'REFRESH=1 npx vitest run --project fast lib/mechanisms/perp-venues/profile-page.test.ts'

/** The whole page as Markdown. */
export function profilePage(profiles: readonly PerpProfile[]): string {
  const rows = profiles.map((one) => {
    const doubts = FAMILIES.filter((family) => certaintyOf(one, family) !== 'source')
    const symbols = one.markets.map(({ symbol }) => symbol).join(', ')
    return `| [${one.name}](#${anchorOf(one)}) | \`${one.id}\` | ${one.from} | ${one.until ?? 'today'} | ${symbols} | ${doubts.join(', ') || '–'} |`
  })
  const head = `# Perp profiles

Rules of margin and liquidation by venue and day, as \`breakwater perp\` and the simulator use them. A window begins on its first day and ends before its last.
Certainty: **source** read in a primary source, **news** reported, **derived** follows from a source or from a recorded answer, **unverified** not looked up,
**conflicting** contradicted by another source. A rule with several sources has the certainty of its least certain one. The last column names the rules that are not wholly *source*.

This page is written from \`lib/mechanisms/perp-venues\`; a test compares both. After a change there: \`${REFRESH_COMMAND}\`.

| Profile | Id | From | Until | Contracts | Not wholly from primary sources |
|---|---|---|---|---|---|
${rows.join('\n')}
`
  return `${head}\n${profiles.map(profileSection).join('\n')}`
}

const FAMILIES: readonly RuleFamily[] = [
  'tiers',
  'trigger',
  'reduction',
  'order',
  'takeover',
  'insurance',
  'deleverage',
  'fees',
  'funding',
  'mark',
  'collateral',
]
/** The least certain first. */
const CERTAINTIES: readonly RuleSource['certainty'][] = ['conflicting', 'unverified', 'derived', 'news', 'source']

/** The least certainty that a family's sources have. */
function certaintyOf({ sources }: PerpProfile, family: RuleFamily): RuleSource['certainty'] {
  const those = sources.filter(({ rules }) => rules.includes(family)).map(({ certainty }) => certainty)
  return CERTAINTIES.find((one) => those.includes(one)) ?? 'unverified'
}

function titleOf({ name, from, until }: PerpProfile): string {
  return `${name}, ${from} to ${until ?? 'today'}`
}

/** The anchor that Markdown viewers give the title. */
function anchorOf(profile: PerpProfile): string {
  return titleOf(profile)
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}

function profileSection(profile: PerpProfile): string {
  const rules = FAMILIES.map((family) => {
    const numbers = profile.sources.flatMap(({ rules }, at) => (rules.includes(family) ? [`[${at + 1}]`] : []))
    return `| ${family} | ${ruleWords(profile, family)} | ${certaintyOf(profile, family)} | ${numbers.join(' ')} |`
  })
  const sources = profile.sources.map(
    ({ what, url, date, certainty }, at) => `${at + 1}. ${what}. <${url}> (${date}, ${certainty})`,
  )
  return `## ${titleOf(profile)}
Margin modes: ${profile.modes.join(', ')}; ${profile.hedgeMode ? 'one-way and hedge mode' : 'one-way mode'}.

| Rule | What holds | Certainty | Sources |
|---|---|---|---|
${rules.join('\n')}

| Contract | Pays | Size, tick, lot | Brackets: from → maintenance, largest leverage | As of |
|---|---|---|---|---|
${profile.markets.map(marketRow).join('\n')}

${sources.join('\n')}

${profile.notes.map((note) => `- ${note}`).join('\n')}
`
}

function ruleWords(profile: PerpProfile, family: RuleFamily): string {
  const { trigger, order, insurance, deleverage, fees } = profile
  switch (family) {
    case 'tiers':
      return `isolated liquidation price ${profile.isolated}`
    case 'trigger':
      return `equity ${trigger.test} maintenance${trigger.withFee ? ' with closing fee' : ''}, at the ${trigger.price} price`
    case 'reduction':
      return reductionWords(profile)
    case 'order':
      return `${order.timeInForce}, limit ${order.limit}, fee ${percent(order.fee)} of what is closed`
    case 'takeover':
      return takeoverWords(profile)
    case 'insurance':
      return insuranceWords(insurance)
    case 'deleverage':
      return deleverage.rank === 'none'
        ? 'none'
        : `ranked by ${deleverage.rank}, closed at the ${deleverage.price} price`
    case 'fees':
      return `maker ${percent(fees.maker)}, taker ${percent(fees.taker)}`
    case 'funding':
      return fundingWords(profile.funding)
    case 'mark':
      return markWords(profile.mark)
    case 'collateral':
      return collateralWords(profile)
  }
}

function reductionWords({ reduction }: PerpProfile): string {
  switch (reduction.kind) {
    case 'whole':
      return 'the whole position at once'
    case 'tiers':
      return `down by ${reduction.down} bracket(s) at a time, whole in the lowest ${reduction.wholeBelow}`
    case 'fraction':
      return `${percent(reduction.part)} at a time above ${amount(reduction.above)}, then ${reduction.cooldownMs / 1_000} s of whole orders`
    case 'needed':
      return 'as much as is needed'
  }
}

function takeoverWords({ takeover, transferFloor }: PerpProfile): string {
  const { by, when, price, scope, rest } = takeover
  const words =
    by === 'nobody'
      ? `nobody; the rest is ${rest}`
      : `${by}, when ${when}, at ${price}, by ${scope}; the rest is ${rest}`
  return transferFloor === undefined ? words : `${words}; transfers leave ${percent(transferFloor)} of notional`
}

function insuranceWords({ scope, deleverage, socialise }: PerpProfile['insurance']): string {
  const fund = scope === 'none' ? 'no fund' : `fund by ${scope}`
  const begins =
    deleverage.kind === 'empty'
      ? 'deleveraging when it is empty'
      : `deleveraging from ${percent(deleverage.part)} below its highest of ${deleverage.windowMs / 3_600_000} h`
  return `${fund}; ${begins}${socialise ? '; losses are socialised' : ''}`
}

function fundingWords({ intervalHours, interest, clamp, sampleMs, average, bound, paidOn }: FundingRule): string {
  const limit = {
    maintenance: () => `± ${ratioOf(bound)} × maintenance rate`,
    'initial-minus-maintenance': () => `± ${ratioOf(bound)} × (initial − maintenance rate)`,
    'per-hour': () => `± ${percent('rate' in bound ? bound.rate : 0)} an hour`,
    'per-interval': () => `± ${percent('rate' in bound ? bound.rate : 0)} an interval`,
    none: () => 'no bound',
  }[bound.kind]()
  return `every ${intervalHours} h on the ${paidOn} price; per 8 h interest ${percent(interest)}, clamp ± ${percent(clamp)}; ${average} average of samples every ${sampleMs / 1_000} s; ${limit}`
}

function ratioOf(bound: FundingRule['bound']): number {
  return 'ratio' in bound ? bound.ratio : 0
}

function markWords(mark: MarkRule): string {
  switch (mark.kind) {
    case 'binance-median':
      return `median of index with funding, index with basis (${mark.windowMs / 1_000} s, every ${mark.sampleMs / 1_000} s) and last`
    case 'index-plus-basis':
      return `index + average basis of ${mark.windowMs / 1_000} s${mark.bound === undefined ? '' : `, within ${percent(mark.bound)}`}`
    case 'fair-basis':
      return 'index with the fair basis of the funding rate'
    case 'hyperliquid':
      return `median of oracle with the ${mark.emaMs / 1_000} s average of mid − oracle, book and other venues`
    case 'hip3':
      return `deployer’s oracle, ${percent(mark.maxStep)} a step, ${mark.minGapMs / 1_000} s between steps, local mark after ${mark.staleMs / 1_000} s`
    case 'oracle':
      return 'the oracle price'
  }
}

function collateralWords({ collateral }: PerpProfile): string {
  if (collateral === undefined) return 'the settle currency alone'
  return collateral
    .map(({ coin, brackets }) => `${coin} ${brackets.map(({ ratio }) => percent(ratio)).join(' / ')}`)
    .join(', ')
}

function marketRow({ symbol, payoff, settle, maintenance, asOf, source, ...steps }: ProfileMarket): string {
  const sizes = [steps.contractSize, steps.tickSize, steps.lotSize].map(amount).join(', ')
  return `| ${symbol} | ${payoff}, ${settle} | ${sizes} | ${maintenanceWords(maintenance)} | ${asOf}: ${source} |`
}

function maintenanceWords(rule: ProfileMarket['maintenance']): string {
  if (rule.kind === 'growing') {
    const { base, perCoin, maxLeverage } = rule.rate
    return `${percent(base)} + ${percent(perCoin)} a coin, ${amount(maxLeverage)}x`
  }
  const { tiers, unit, ceiling, wholeRate } = rule.table
  const rows = tiers.map(
    ({ floor, rate, maxLeverage }) => `${amount(floor)} → ${percent(rate)}, ${amount(maxLeverage)}x`,
  )
  const end = Number.isFinite(ceiling) ? `up to ${amount(ceiling)}` : 'no ceiling'
  return `${rows.join('; ')}; ${end} (in ${unit}${wholeRate ? ', rate of the whole position' : ''})`
}

/** A fraction as a percentage without the noise of floats. */
function percent(part: number): string {
  return `${amount(part * 100)} %`
}

/** At most six significant decimals, thousands apart, no exponent. */
function amount(value: number): string {
  const text = Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 12 })
  return text.replace('-', '−')
}
