/** Tape: every liquidation as it is heard, every gap as a row, every row with its receipt. */
import { createEffect, createMemo, createSignal, Index, Match, onCleanup, onMount, Show, Switch } from 'solid-js'
import { formatCount } from '../../../lib/analytics/index.ts'
import { coverageGapRows, joinGaps, type Row } from '../data/rows.ts'
import { createTape } from '../data/tape.ts'
import { windowLabel } from '../state/view.ts'
import { useTerminal } from '../ui/context.ts'
import { Nothing } from '../ui/nothing.tsx'
import { EventLine, GapLine, TAPE_COLUMNS } from '../ui/tape-row.tsx'
import { Failed } from '../ui/widget.tsx'

const ROW = { wide: 24, narrow: 46 }
const NARROW = '(max-width: 760px)'
const SPARE_ROWS = 12

/** The page. */
export function TapePage() {
  const { live, words, moving, coverage, view, announce, silent } = useTerminal()
  const [hovered, setHovered] = createSignal(false)
  const [focused, setFocused] = createSignal(false)
  const [top, setTop] = createSignal(0)
  const paused = () => moving() && (hovered() || focused() || top() > 4)
  const tape = createTape({ live, words: () => words(), moving, paused })
  const covered = createMemo(() => coverageGapRows(coverage.shown().answer?.data.venues ?? []))
  const rows = createMemo(() => {
    const events = tape.rows()
    const oldest = tape.hasMore() ? (events.at(-1)?.time ?? Number.POSITIVE_INFINITY) : 0
    return joinGaps(events, covered(), tape.told().filter(ofVenues(view().venue)), oldest)
  })
  const nothing = () =>
    coverage.shown().answer?.data.venues.length === 0 && tape.state() === 'ready' && rows().length === 0
  const resume = () => {
    scroller?.scrollTo({ top: 0 })
    setHovered(false)
    if (scroller?.contains(document.activeElement)) (document.activeElement as HTMLElement).blur()
    tape.flush()
  }
  createEffect(() => {
    if (tape.state() === 'ready') announce(`Tape: ${rows().length} rows.`)
  })
  let scroller: HTMLElement | undefined
  return (
    <Show when={!nothing()} fallback={<Nothing />}>
      <section class="panel tape" aria-labelledby="tape-title">
        <header class="panel-head">
          <h2 id="tape-title">Tape, {windowLabel(view())}</h2>
          <p class="tape-state" data-rows={tape.rows().length} data-phase={tape.state()}>
            <Show when={tape.catchingUp() !== undefined}>
              <progress aria-label="fetching what was missed" /> fetching what was missed:{' '}
              {formatCount(tape.catchingUp())}{' '}
            </Show>
            <Switch>
              <Match when={!moving()}>◷ {formatCount(tape.rows().length)} rows of the past loaded</Match>
              <Match when={paused()}>
                <button type="button" class="waiting" data-testid="waiting" onClick={resume}>
                  ❚❚ paused · {formatCount(tape.waiting())} waiting ▸
                </button>
              </Match>
              <Match when={silent()}>↻ no answer, trying again; nothing is lost</Match>
              <Match when={live.state() === 'open'}>● running · {formatCount(tape.rows().length)} rows</Match>
              <Match when={live.state() !== 'open'}>↻ stream lost, trying again; nothing is lost</Match>
            </Switch>
          </p>
        </header>
        <Show when={tape.failure()}>{(failure) => <Failed failure={failure()} again={tape.again} />}</Show>
        <Rows
          rows={rows()}
          loading={tape.state() === 'loading'}
          foot={footOf(tape)}
          more={tape.more}
          home={(element) => {
            scroller = element
          }}
          onTop={setTop}
          onHover={setHovered}
          onFocus={setFocused}
        />
      </section>
    </Show>
  )
}

/** What stands below the last row. */
function footOf(tape: ReturnType<typeof createTape>): string {
  if (tape.hasMore()) return 'loading older rows …'
  return tape.full() ? 'older rows were let go: choose a shorter window' : 'the window begins here'
}

function ofVenues(venues: readonly string[]) {
  return (row: { readonly venue: string }) => venues.length === 0 || venues.includes(row.venue)
}

type RowsProps = {
  readonly rows: readonly Row[]
  readonly loading: boolean
  readonly foot: string
  readonly more: () => void
  readonly home: (element: HTMLElement) => void
  readonly onTop: (top: number) => void
  readonly onHover: (hovered: boolean) => void
  readonly onFocus: (focused: boolean) => void
}

/** The rows that are on the screen; the others are height. */
function Rows(props: RowsProps) {
  const [height, setHeight] = createSignal(600)
  const [top, setTop] = createSignal(0)
  const narrow = matchMedia(NARROW)
  const [row, setRow] = createSignal(narrow.matches ? ROW.narrow : ROW.wide)
  const resized = () => setRow(narrow.matches ? ROW.narrow : ROW.wide)
  narrow.addEventListener('change', resized)
  onCleanup(() => narrow.removeEventListener('change', resized))
  let home: HTMLElement | undefined
  onMount(() => {
    if (!home) return
    props.home(home)
    const watch = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height))
    watch.observe(home)
    onCleanup(() => watch.disconnect())
  })
  const first = () => Math.max(0, Math.floor(top() / row()) - SPARE_ROWS)
  const last = () => Math.min(props.rows.length, Math.ceil((top() + height()) / row()) + SPARE_ROWS)
  const scrolled = (element: HTMLElement) => {
    setTop(element.scrollTop)
    props.onTop(element.scrollTop)
    if (element.scrollTop + element.clientHeight > element.scrollHeight - 40 * row()) props.more()
  }
  return (
    <section
      class="tape-scroll"
      tabindex="0"
      aria-label="rows of the tape"
      ref={home}
      onScroll={(event) => scrolled(event.currentTarget)}
      onPointerEnter={(event) => event.pointerType === 'mouse' && props.onHover(true)}
      onPointerLeave={() => props.onHover(false)}
      onFocusIn={(event) =>
        props.onFocus(event.target !== event.currentTarget && event.target.matches(':focus-visible'))
      }
      onFocusOut={() => props.onFocus(false)}
    >
      <table class="tape-table" aria-rowcount={props.rows.length + 1}>
        <Head />
        <tbody>
          <Space height={first() * row()} />
          <Index each={props.rows.slice(first(), last())}>
            {(item, index) => (
              <Show
                when={item().kind === 'event' && (item() as Extract<Row, { kind: 'event' }>)}
                fallback={<GapLine row={item() as Extract<Row, { kind: 'gap' }>} index={first() + index} />}
              >
                {(event) => <EventLine row={event()} index={first() + index} />}
              </Show>
            )}
          </Index>
          <Space height={(props.rows.length - last()) * row()} />
          <tr class="tape-foot">
            <td colspan={TAPE_COLUMNS}>
              {props.loading
                ? 'loading …'
                : props.rows.length === 0
                  ? 'no liquidation passes this filter in this window'
                  : props.foot}
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  )
}

/** The height of the rows that are not drawn. */
function Space(props: { height: number }) {
  return (
    <tr class="space">
      <td colspan={TAPE_COLUMNS} style={{ height: `${props.height}px` }} />
    </tr>
  )
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">time UTC</th>
        <th scope="col">side of the position</th>
        <th scope="col">coin</th>
        <th scope="col" class="num">
          size
        </th>
        <th scope="col" class="num">
          dollars
        </th>
        <th scope="col" class="num">
          price, its kind
        </th>
        <th scope="col">venue</th>
        <th scope="col">account</th>
        <th scope="col">
          <span class="visually-hidden">what happened</span>
        </th>
        <th scope="col">
          <span class="visually-hidden">receipt</span>
        </th>
      </tr>
    </thead>
  )
}
