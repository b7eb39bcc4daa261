/** The record book as a calendar: one square a day, dollars as depth of one hue on a log scale, with its legend. */
import { createMemo, For } from 'solid-js'
import { formatCount, formatUsd } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import { DAY } from '../../../lib/model/index.ts'
import { shortUsd } from './series.ts'

/** A day of the record book. */
export type Day = Answers['/v1/records']['data']['days'][number]

const CELL = 13
const LEFT = 34
const LEVELS = 6
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** The calendar of days, a row of weeks for each year. */
export function Calendar(props: {
  days: readonly Day[]
  chosen: string | undefined
  onPick: (day: string) => void
  label: string
}) {
  const years = createMemo(() => yearsOf(props.days))
  const scale = createMemo(() => scaleOf(props.days))
  return (
    <div class="calendar">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table of days holds the same links for the keyboard */}
      <svg
        viewBox={`0 0 ${LEFT + 53.5 * CELL} ${years().length * (7 * CELL + 24)}`}
        role="img"
        aria-label={props.label}
        onClick={(event) => {
          const day = (event.target as SVGElement).dataset['day']
          if (day) props.onPick(day)
        }}
      >
        <For each={years()}>
          {({ year, cells, months }, index) => (
            <g transform={`translate(0 ${index() * (7 * CELL + 24)})`}>
              <text class="tick" x={0} y={14 + 3.5 * CELL}>
                {year}
              </text>
              <For each={months}>
                {({ x, name }) => (
                  <text class="tick" x={LEFT + x * CELL} y={10}>
                    {name}
                  </text>
                )}
              </For>
              <For each={cells}>
                {({ day, x, y, record }) => (
                  <rect
                    class={`cell level-${record ? scale().level(record.usd) : 'none'}`}
                    classList={{ chosen: day === props.chosen }}
                    x={LEFT + x * CELL}
                    y={16 + y * CELL}
                    width={CELL - 2}
                    height={CELL - 2}
                    rx={2}
                    data-day={record ? day : undefined}
                  >
                    <title>
                      {record
                        ? `${day}: ${record.bound}${formatUsd(record.usd)}, ${formatCount(record.events)} events, #${record.rank}`
                        : `${day}: no event in this record`}
                    </title>
                  </rect>
                )}
              </For>
            </g>
          )}
        </For>
      </svg>
      <p class="legend">
        <span class="label">dollars a day, log scale:</span>
        <For each={scale().steps}>
          {(usd, index) => (
            <span class="legend-step">
              <span class={`swatch level-${index()}`} aria-hidden="true" />
              {index() === 0 ? '<' : '≥'}
              {shortUsd((index() === 0 ? scale().steps[1] : usd) ?? 0)}
            </span>
          )}
        </For>
        <span class="legend-step">
          <span class="swatch level-none" aria-hidden="true" /> no event
        </span>
      </p>
    </div>
  )
}

function yearsOf(days: readonly Day[]) {
  const byDay = new Map(days.map((day) => [day.day, day]))
  const all = [...byDay.keys()].sort()
  const [begins, ends] = [all[0] ?? '', all.at(-1) ?? '']
  const years = [...new Set(all.map((day) => day.slice(0, 4)))].reverse()
  return years.map((year) => {
    const start = Date.parse(`${year}-01-01`)
    const offset = (new Date(start).getUTCDay() + 6) % 7
    const cells = []
    const months: { x: number; name: string }[] = []
    for (let time = start, index = 0; new Date(time).getUTCFullYear() === Number(year); time += DAY, index++) {
      const day = new Date(time).toISOString().slice(0, 10)
      const x = Math.floor((index + offset) / 7)
      if (day.endsWith('-01')) months.push({ x, name: MONTHS[Number(day.slice(5, 7)) - 1] as string })
      // Before the record begins and after it ends there is nothing to say, not even that nothing happened.
      if (day >= begins && day <= ends) cells.push({ day, x, y: (index + offset) % 7, record: byDay.get(day) })
    }
    return { year, cells, months }
  })
}

/** Powers of ten that end at the worst day; what is less than the second stands in the first. */
function scaleOf(days: readonly Day[]) {
  const most = Math.max(1, ...days.map(({ usd }) => usd))
  const top = Math.floor(Math.log10(most))
  const steps = Array.from({ length: LEVELS }, (_, index) => 10 ** (top - LEVELS + 1 + index))
  const level = (usd: number) => {
    const found = steps.findLastIndex((step) => usd >= step)
    return Math.max(0, found)
  }
  return { steps, level }
}
