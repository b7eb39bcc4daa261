/** Bars of parts, one row a thing, with straight cuts: plain boxes, so that they wrap on a telephone. */
import { createMemo, For, Index, Show } from 'solid-js'
import type { BarsChart as Data, Look, Tick } from '../../data/mechanisms/panel.ts'

/** The chart; its figures are in the table twin. */
export function BarsChart(props: { chart: Data }) {
  const from = () => props.chart.from ?? 0
  const whole = createMemo(() => {
    const sums = props.chart.rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))
    return props.chart.whole ?? (Math.max(...sums, 0) || 1)
  })
  const inside = (part: number) => `${Math.max(0, Math.min(100, part * 100)).toFixed(3)}%`
  const place = (value: number) => inside((value - from()) / (whole() - from()))
  const share = (value: number) => inside(value / (whole() - from()))
  return (
    <div
      class="mech-chart mech-bars"
      classList={{ dots: props.chart.from !== undefined }}
      role="img"
      aria-label={`${props.chart.title}. ${props.chart.summary}`}
    >
      <Keys chart={props.chart} />
      <Index each={props.chart.rows}>
        {(row) => (
          <div class="bar-row">
            <span class="bar-name">
              {row().name} <span class="label">{row().note}</span>
            </span>
            <span class="bar-lane">
              <Show
                when={props.chart.from === undefined}
                fallback={
                  <Index each={row().parts}>
                    {(one) => <span class={`bar-dot ${one().look}`} style={{ left: place(one().value) }} />}
                  </Index>
                }
              >
                <Index each={row().parts}>
                  {(one) => <span class={`bar-part ${one().look}`} style={{ width: share(one().value) }} />}
                </Index>
              </Show>
              <Index each={props.chart.cuts ?? []}>
                {(cut) => <span class={`bar-cut ${cut().look}`} style={{ left: place(cut().at) }} />}
              </Index>
            </span>
            <span class="bar-says fig">
              <Index each={row().parts.filter(({ value }, index) => value > 0 || index === 0)}>
                {(one, index) => (
                  <>
                    <Show when={index > 0}> + </Show>
                    {props.chart.say(one().value)}
                  </>
                )}
              </Index>
            </span>
          </div>
        )}
      </Index>
      <Show when={props.chart.ticks}>{(ticks) => <Axis ticks={ticks()} place={place} />}</Show>
    </div>
  )
}

/** The marks of the axis, below the lanes. */
function Axis(props: { ticks: readonly Tick[]; place: (value: number) => string }) {
  return (
    <div class="bar-row bar-axis" aria-hidden="true">
      <span class="bar-lane">
        <For each={props.ticks}>
          {({ at, label }, index) => (
            <span
              class="bar-tick"
              classList={{ first: index() === 0, last: index() === props.ticks.length - 1 }}
              style={{ left: props.place(at) }}
            >
              {label}
            </span>
          )}
        </For>
      </span>
    </div>
  )
}

/** The parts and the cuts by name with their looks. */
function Keys(props: { chart: Data }) {
  const names = createMemo((): readonly (readonly [string, Look])[] => {
    return [...new Map(props.chart.rows.flatMap(({ parts }) => parts.map(({ name, look }) => [name, look] as const)))]
  })
  return (
    <p class="readout" aria-hidden="true">
      <Index each={names()}>
        {(name) => (
          <span class="mech-key">
            <span class={`swatch ${name()[1]}`} /> {name()[0]}
          </span>
        )}
      </Index>
      <Index each={props.chart.cuts ?? []}>
        {(cut) => (
          <span class="mech-key">
            <span class={`stroke upright ${cut().look}`} /> {cut().name}
          </span>
        )}
      </Index>
    </p>
  )
}
