/** Bars of parts, one row a thing, with straight cuts: plain boxes, so that they wrap on a telephone. */
import { createMemo, Index, Show } from 'solid-js'
import type { BarsChart as Data } from '../../data/mechanisms/panel.ts'

/** The chart; its figures are in the table twin. */
export function BarsChart(props: { chart: Data }) {
  const whole = createMemo(() => {
    const sums = props.chart.rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))
    return props.chart.whole ?? (Math.max(...sums, 0) || 1)
  })
  const share = (value: number) => `${Math.max(0, Math.min(100, (value / whole()) * 100)).toFixed(3)}%`
  const names = createMemo(() => {
    const looks = new Map(props.chart.rows.flatMap(({ parts }) => parts.map(({ name, look }) => [name, look] as const)))
    return [...looks]
  })
  return (
    <div class="mech-chart mech-bars" role="img" aria-label={`${props.chart.title}. ${props.chart.summary}`}>
      <p class="readout" aria-hidden="true">
        <Index each={names()}>
          {(name) => (
            <span class="mech-key">
              <span class={`swatch ${name()[1]}`} /> {name()[0]}
            </span>
          )}
        </Index>
      </p>
      <Index each={props.chart.rows}>
        {(row) => (
          <div class="bar-row">
            <span class="bar-name">
              {row().name} <span class="label">{row().note}</span>
            </span>
            <span class="bar-lane">
              <Index each={row().parts}>
                {(one) => <span class={`bar-part ${one().look}`} style={{ width: share(one().value) }} />}
              </Index>
              <Index each={props.chart.cuts ?? []}>
                {(cut) => <span class={`bar-cut ${cut().look}`} style={{ left: share(cut().at) }} title={cut().name} />}
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
    </div>
  )
}
