/** docs/perp-profiles.md is what the profiles say. Refresh it with `npx vitest run --project fast lib/test/perp-profiles.test.ts -u`. */
import { expect, it } from 'vitest'
import { payerWords, procedureWords } from '../analytics/index.ts'
import { type PerpProfile, perpProfiles } from '../mechanisms/index.ts'

const percent = (part: number) => `${Number((part * 100).toPrecision(6))} %`

function rulesOf(profile: PerpProfile): readonly (readonly [string, string])[] {
  const { trigger, order, fees, funding, insurance, deleverage, mark, isolated, takeover } = profile
  const drawdown =
    insurance.deleverage.kind === 'drawdown'
      ? `; winners are closed from a drawdown of ${percent(insurance.deleverage.part)} in ${insurance.deleverage.windowMs / 3_600_000} h`
      : ''
  const bound =
    funding.bound.kind === 'none'
      ? 'none'
      : `${funding.bound.kind} ${'ratio' in funding.bound ? funding.bound.ratio : percent(funding.bound.rate)}`
  return [
    ['margin', `${profile.modes.join(', ')}${profile.hedgeMode ? '; hedge mode' : ''}; liquidation price ${isolated}`],
    [
      'trigger',
      `${trigger.price} price, equity ${trigger.test === 'below' ? '<' : '≤'} maintenance${trigger.withFee ? ' + closing fee' : ''}`,
    ],
    ['procedure', procedureWords(profile)],
    ['order', `${order.timeInForce}, limit ${order.limit}, clearance fee ${percent(order.fee)}`],
    [
      'takeover',
      takeover.by === 'nobody'
        ? 'nobody'
        : `${takeover.by} at ${takeover.price}, ${takeover.when}; the rest is ${takeover.rest}`,
    ],
    ['who pays', payerWords(profile)],
    ['insurance', `${insurance.scope}${drawdown}${insurance.socialise ? '; losses are socialised' : ''}`],
    ['deleveraging', `ranked by ${deleverage.rank}, at the ${deleverage.price} price`],
    ['fees', `maker ${percent(fees.maker)}, taker ${percent(fees.taker)}`],
    [
      'funding',
      `every ${funding.intervalHours} h on ${funding.paidOn}; interest ${percent(funding.interest)}, clamp ${percent(funding.clamp)} per 8 h; bound ${bound}`,
    ],
    ['mark price', mark.kind],
    ...(profile.transferFloor === undefined
      ? []
      : ([['transfers', `must leave ${percent(profile.transferFloor)} of all notional`]] as const)),
  ]
}

function sectionOf(profile: PerpProfile): string {
  const tiers = profile.markets.map(({ symbol, payoff, maintenance, asOf, source }) => {
    const asked =
      maintenance.kind === 'growing'
        ? `${percent(maintenance.rate.base)} + ${percent(maintenance.rate.perCoin)} per coin, ${maintenance.rate.maxLeverage}x`
        : `${maintenance.table.tiers.length} brackets, ${percent(maintenance.table.tiers[0]?.rate ?? 0)} and ${Number((maintenance.table.tiers[0]?.maxLeverage ?? 0).toFixed(2))}x in the lowest`
    return `- ${symbol} (${payoff}): ${asked}; of ${asOf}: ${source}`
  })
  return [
    `## ${profile.name}: \`${profile.id}\`, ${profile.from} to ${profile.until ?? 'now'}`,
    '',
    '| rule | |',
    '|---|---|',
    ...rulesOf(profile).map(([rule, says]) => `| ${rule} | ${says} |`),
    '',
    ...tiers,
    '',
    ...profile.notes.map((note) => `> ${note}`),
    '',
    ...profile.sources.map(
      ({ what, rules, url, date, certainty }) => `- ${what} (${rules.join(', ')}): <${url}>, ${date}, **${certainty}**`,
    ),
  ].join('\n')
}

it('docs/perp-profiles.md says what the profiles say', async () => {
  const page = [
    '# Perp profiles',
    '',
    'Every venue’s rules of margin and liquidation as the program has them, with the day from which they hold and their sources. `certainty`: **source** read in',
    'a primary source, **news** reported, **derived** computed here from a source, **unverified** not looked up, **conflicting** sources contradict each other.',
    'Made from the data by `lib/test/perp-profiles.test.ts`, which fails when they differ.',
    '',
    perpProfiles.map(sectionOf).join('\n\n'),
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/perp-profiles.md')
})
