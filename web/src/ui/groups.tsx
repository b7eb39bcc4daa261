/** Breakdowns as tables with bars in their cells: by coin, by venue. A row filters everything; its count opens its rows. */
import { createMemo, createSignal, Index, type JSX, Show } from 'solid-js'
import { formatCount, formatShare } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { createAnswer } from '../data/answer.ts'
import { shortPolicy } from '../data/names.ts'
import type { View } from '../state/view.ts'
import { useTerminal } from './context.ts'
import { Dollars } from './figure.tsx'
import { Link } from './link.tsx'
import { Widget } from './widget.tsx'

type Group = Answers['/v1/totals']['data']['groups'][number]

const FIRST = 12

/** By coin; loans by their collateral, in rows of their own. */
export function ByCoin() {
  const { words, moving } = useTerminal()
  const asked = createAnswer('/v1/totals', () => ({ ...words(), by: 'coin,kind' }), { everyMs: 5_000, live: moving })
  return (
    <Widget
      asked={asked}
      title="By coin"
      height="260px"
      summary={({ data }) => leaders(data.groups, (group) => String(group.keys.coin || 'no coin'))}
      empty={({ data }) => (data.groups.length === 0 ? 'No liquidation in this scope.' : undefined)}
    >
      {(answer) => (
        <GroupTable
          caption="liquidations by coin"
          head="coin"
          groups={answer().data.groups}
          name={(group) => <>{group.keys.coin || '—'}</>}
          filter={(group) => ({ coin: group.keys.coin ? [String(group.keys.coin)] : [], kind: kindOf(group) })}
          bounds
        />
      )}
    </Widget>
  )
}

/** By venue and protocol, with what the feed lets through and how much of the time it was heard. */
export function ByVenue() {
  const { words, moving, nameOf, coverage } = useTerminal()
  const asked = createAnswer('/v1/totals', () => ({ ...words(), by: 'venue,kind' }), { everyMs: 5_000, live: moving })
  const heard = (id: unknown) => coverage.shown().answer?.data.venues.find(({ venue }) => venue === id)
  return (
    <Widget
      asked={asked}
      title="By venue and protocol"
      height="260px"
      summary={({ data }) => leaders(data.groups, (group) => nameOf(String(group.keys.venue)))}
      empty={({ data }) => (data.groups.length === 0 ? 'No liquidation in this scope.' : undefined)}
    >
      {(answer) => (
        <GroupTable
          caption="liquidations by venue and protocol"
          head="venue"
          groups={answer().data.groups}
          name={(group) => <>{nameOf(String(group.keys.venue))}</>}
          filter={(group) => ({ venue: [String(group.keys.venue)], kind: kindOf(group) })}
          bounds
          more={{
            heads: ['heard', 'feed'],
            cells: (group) => {
              const venue = () => heard(group().keys.venue)
              return (
                <>
                  <td class="num">{formatShare(venue()?.share)}</td>
                  <td class="feed">
                    {venue() ? shortPolicy((venue() as NonNullable<ReturnType<typeof venue>>).policy) : '—'}
                  </td>
                </>
              )
            },
          }}
        />
      )}
    </Widget>
  )
}

type GroupTableProps = {
  readonly caption: string
  readonly head: string
  readonly groups: readonly Group[]
  readonly name: (group: Group) => JSX.Element
  readonly filter: (group: Group) => Partial<View>
  readonly bounds: boolean
  readonly more?: { readonly heads: readonly string[]; readonly cells: (group: () => Group) => JSX.Element }
}

function GroupTable(props: GroupTableProps) {
  const { simulated } = useTerminal()
  const [all, setAll] = createSignal(false)
  const sorted = createMemo(() => [...props.groups].sort((a, b) => b.usd - a.usd))
  const most = () => sorted()[0]?.usd || 1
  const rows = () => (all() ? sorted() : sorted().slice(0, FIRST))
  return (
    <>
      <table class="groups">
        <caption class="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{props.head}</th>
            <th scope="col" class="num">
              reported
            </th>
            <th scope="col" class="bar-cell">
              ▼ long · ▲ short
            </th>
            <th scope="col" class="num">
              orders
            </th>
            {props.more?.heads.map((head) => (
              <th scope="col" class={head === 'heard' ? 'num' : 'feed'}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Index each={rows()}>
            {(group) => (
              <tr>
                <th scope="row">
                  <Link to={props.filter(group())} title="filter everything by this">
                    {props.name(group())}
                  </Link>
                  <Show when={group().keys.kind === 'loan'}>
                    <span class="tag">loan</span>
                  </Show>
                </th>
                <td class="num">
                  <Dollars
                    usd={group().unpriced === group().events ? undefined : group().usd}
                    bound={group().bound}
                    sim={simulated()}
                  />
                </td>
                <td class="bar-cell">
                  <SideBar group={group()} most={most()} />
                </td>
                <td class="num">
                  <Link to={{ ...props.filter(group()), page: 'tape' }} title="open the rows">
                    {formatCount(group().events)}
                  </Link>
                </td>
                {props.more?.cells(group)}
              </tr>
            )}
          </Index>
        </tbody>
      </table>
      <Show when={sorted().length > FIRST}>
        <button type="button" class="more" onClick={() => setAll(!all())}>
          {all() ? 'fewer' : `${sorted().length - FIRST} more`}
        </button>
      </Show>
    </>
  )
}

function SideBar(props: { group: Group; most: number }) {
  const { simulated } = useTerminal()
  const part = (usd: number) => `${Math.max(usd > 0 ? 0.8 : 0, (usd / props.most) * 100)}%`
  return (
    <span
      class="side-bar"
      classList={{ sim: simulated() }}
      title={`long ${formatShare(longShare(props.group))} of known sides`}
    >
      <span class="long-bg" style={{ width: part(props.group.long.usd) }} />
      <span class="short-bg" style={{ width: part(props.group.short.usd) }} />
      <span class="unknown-bg" style={{ width: part(props.group.unknownSide.usd) }} />
    </span>
  )
}

function longShare({ long, short }: Group): number | undefined {
  return long.usd + short.usd > 0 ? long.usd / (long.usd + short.usd) : undefined
}

function kindOf(group: Group): 'perp' | 'loan' {
  return group.keys.kind === 'loan' ? 'loan' : 'perp'
}

/** Shares within perps and within loans: the two are never summed. */
function leaders(groups: readonly Group[], name: (group: Group) => string): string | undefined {
  const perps = groups.filter((group) => kindOf(group) === 'perp').sort((a, b) => b.usd - a.usd)
  const list = perps.length > 0 ? perps : [...groups].sort((a, b) => b.usd - a.usd)
  const sum = list.reduce((total, { usd }) => total + usd, 0)
  if (sum <= 0) return undefined
  const named = list.slice(0, 3).map((group) => `${name(group)} ${formatShare(group.usd / sum)}`)
  return `${perps.length > 0 ? 'Perps' : 'Loans'}: ${named.join(', ')}.`
}
