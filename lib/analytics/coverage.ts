/** How much of the truth a total saw: policies by date, deaf time, the span a venue was heard at all. */
import { DAY, type Gap, type MarketEvent, type Source, type UnixMs } from '../model/index.ts'
import { type Channel, type CoverageFact, type Policy, type Venue, venues } from '../venues/index.ts'
import type { Bound, CoverageSummary, VenueCoverage, Window } from './answers.ts'
import { formatSpan, formatTime } from './format.ts'

/** What is known of one venue around a window: its counted events inside, and when anything of it was first and last heard at all. */
export type HeardVenue = {
  readonly venue: string
  readonly events: number
  readonly sources: readonly Source[]
  readonly lastEvent: UnixMs | undefined
  readonly first: UnixMs | undefined
  readonly last: UnixMs | undefined
}

/** What {@link coverageOf} reads. `silent` are venues whose feed says so now; it counts only for windows that reach `now`. */
export type CoverageInput = {
  readonly window: Window
  readonly heard: readonly HeardVenue[]
  readonly gaps: readonly MarketEvent[]
  readonly silent: readonly string[]
  readonly now: UnixMs
  readonly unpriced: number
  readonly kinds: readonly ('perp' | 'loan')[] | undefined
}

const CHANNEL: Channel = 'liquidations'
/** A gap shorter than this is nothing that a total could miss. */
const NEGLIGIBLE = 1e-9

/** Coverage of a window over the venues that were listened to, with every reason why a total over it may be too low. */
export function coverageOf(input: CoverageInput): CoverageSummary {
  const list = input.heard.map((heard) => venueCoverage(heard, input))
  const share = list.length === 0 ? 0 : list.reduce((sum, { share }) => sum + share, 0) / list.length
  const live = input.window.to >= input.now - DAY / 24
  const silent = live ? input.silent.filter((id) => list.some((venue) => venue.venue === id)) : []
  const without = withoutFeed(input, list)
  const reasons = [...list.flatMap(reasonsOf(input)), ...silent.map((id) => `${nameOf(id)} is silent now`)]
  if (list.length === 0) reasons.push('nothing was heard in this window')
  else if (without.length > 0) reasons.push(`no public feed, not estimated: ${without.map(nameOf).join(', ')}`)
  if (input.unpriced > 0)
    reasons.push(
      `${input.unpriced} event${input.unpriced === 1 ? '' : 's'} of unknown dollar value: counted, not summed`,
    )
  return { share, bound: reasons.length > 0 ? '≥' : '=', venues: list, silent, without, reasons }
}

/** The policies in force on a channel inside a window: the one at its start and every later step. */
export function policiesIn(
  venue: Pick<Venue, 'coverage' | 'ended'> | undefined,
  window: Window,
  channel: Channel = CHANNEL,
): readonly CoverageFact[] {
  if (!venue) return []
  const facts = venue.coverage.filter(
    (fact) => fact.channel === channel && (fact.since === undefined || Date.parse(fact.since) < window.to),
  )
  const before = facts.filter((fact) => fact.since === undefined || Date.parse(fact.since) <= window.from)
  const start = before.at(-1)
  return start ? facts.slice(facts.indexOf(start)) : facts
}

/** The bound that a venue's policies put on a total of its own over a window. */
export function policyBound(id: string, window: Window): Bound {
  const facts = policiesIn(lookUp(id), window)
  // A venue we know no policy of was imported from a table: what it is complete of is the table's own claim.
  return facts.every((fact) => fact.policy.kind === 'complete') ? '=' : '≥'
}

/** A deaf span: why, and how many events are known to be lost in it. */
type Span = Window & { readonly why: string; readonly lost?: number | undefined }

/** Spans clipped to a window and merged where they touch, oldest first; reasons are joined and known losses added. */
export function mergeSpans(spans: readonly Span[], window: Window): readonly Span[] {
  const clipped = spans
    .map((span) => ({
      ...span,
      from: Math.max(span.from, window.from) as UnixMs,
      to: Math.min(span.to, window.to) as UnixMs,
    }))
    .filter((span) => span.to > span.from)
    .sort((a, b) => a.from - b.from)
  const merged: Span[] = []
  for (const span of clipped) {
    const last = merged.at(-1)
    if (last && span.from <= last.to) merged[merged.length - 1] = joined(last, span)
    else merged.push(span)
  }
  return merged
}

function joined(a: Span, b: Span): Span {
  return {
    from: a.from,
    to: Math.max(a.to, b.to) as UnixMs,
    why: a.why.split('; ').includes(b.why) ? a.why : `${a.why}; ${b.why}`,
    lost: a.lost === undefined && b.lost === undefined ? undefined : (a.lost ?? 0) + (b.lost ?? 0),
  }
}

function venueCoverage(heard: HeardVenue, input: CoverageInput): VenueCoverage {
  const { window } = input
  const venue = lookUp(heard.venue)
  const policies = policiesIn(venue, window)
  const current = policies.at(-1)
  const spans = input.gaps
    .filter((event) => event.venue === heard.venue && event.type === 'gap' && event.channel === CHANNEL)
    .map((event) => event as MarketEvent & Gap)
    .map(({ from, to, why, lost }) => ({ from, to, why, lost }))
  const gaps = mergeSpans([...outside(heard, input), ...spans], window)
  const deaf = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)
  const share = Math.max(0, 1 - deaf / (window.to - window.from))
  return {
    venue: heard.venue,
    name: nameOf(heard.venue),
    policy: current?.policy ?? { kind: 'none' },
    since: current?.since,
    bound: share < 1 - NEGLIGIBLE || policyBound(heard.venue, window) === '≥' ? '≥' : '=',
    share,
    gaps,
    events: heard.events,
    sources: heard.sources,
    lastEvent: heard.lastEvent,
    accounts: venue?.accounts ?? false,
    page: venue?.page ?? '',
    note: current?.note,
  }
}

/** What lies before the first and, for recordings that ended, after the last thing heard of a venue. */
function outside({ first, last, sources }: HeardVenue, { window, now }: CoverageInput) {
  const spans: { from: UnixMs; to: UnixMs; why: string; lost: undefined }[] = []
  const day = (time: number) => (Math.floor(time / DAY) * DAY) as UnixMs
  const recorded = sources.length > 0 && sources.every((source) => source === 'recorded')
  // A recorded table speaks for whole days: its first day counts from midnight, its last to midnight.
  const begins = first === undefined ? window.to : recorded ? day(first) : first
  const ends = last === undefined ? window.from : recorded ? ((day(last) + DAY) as UnixMs) : now
  if (begins > window.from)
    spans.push({ from: window.from, to: begins, why: 'before anything was heard', lost: undefined })
  if (ends < window.to)
    spans.push({
      from: ends,
      to: window.to,
      why: recorded ? 'after the recording ends' : 'in the future',
      lost: undefined,
    })
  return spans
}

function reasonsOf({ window }: CoverageInput): (venue: VenueCoverage) => string[] {
  return ({ venue, name, gaps }) => {
    const sampled = policiesIn(lookUp(venue), window).filter((fact) => fact.policy.kind !== 'complete')
    const reasons = sampled.slice(-1).map((fact) => `${name} publishes ${policyWords(fact.policy)}`)
    const deaf = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0)
    if (deaf > 0)
      reasons.push(
        `${name} was not heard for ${formatSpan(deaf)}${gaps.length === 1 && gaps[0] ? ` from ${formatTime(gaps[0].from)}` : ` in ${gaps.length} gaps`}`,
      )
    return reasons
  }
}

/** A policy in words: `everything`, `at most one order (the largest) per symbol per 1 s`, `no liquidations`. */
export function policyWords(policy: Policy): string {
  if (policy.kind === 'complete') return 'everything'
  if (policy.kind === 'none') return 'no liquidations'
  const which = policy.keep === 'unknown' ? '' : ` (the ${policy.keep})`
  return `at most one order${which} per ${policy.scope === 'symbol' ? 'symbol' : 'symbol and side'} per ${policy.perMs / 1000} s`
}

/** Exchanges that publish nothing, where a total speaks of every venue's perps. */
function withoutFeed({ kinds, window, heard }: CoverageInput, list: readonly VenueCoverage[]): string[] {
  const everyVenue = heard.some(({ sources }) => sources.includes('live'))
  if (!everyVenue || (kinds && !kinds.includes('perp'))) return []
  return [...venues.values()]
    .filter(
      (venue) =>
        venue.kind !== 'lending' && !list.some((known) => known.venue === venue.id) && venue.ended === undefined,
    )
    .filter((venue) => policiesIn(venue, window).every((fact) => fact.policy.kind === 'none'))
    .map((venue) => venue.id)
}

function lookUp(id: string): Venue | undefined {
  return venues.get(id.startsWith('sim:') ? id.slice(4) : id)
}

function nameOf(id: string): string {
  const venue = lookUp(id)
  return `${venue?.name ?? id}${id.startsWith('sim:') ? ' (simulated)' : ''}`
}
