/** The table twin of every chart of the mechanisms. */
import { For, Match, Show, Switch } from 'solid-js'
import type { BandsChart, BarsChart, Chart, LinesChart } from '../../data/mechanisms/panel.ts'
import { amount, digits, part } from '../../data/mechanisms/words.ts'
import { sayOf } from './lines-chart.tsx'
import { valueAt } from './plot.ts'

/** The figures of a chart. */
export function ChartTable(props: { chart: Chart }) {
  const as = <K extends Chart['kind']>(kind: K) =>
    props.chart.kind === kind ? (props.chart as Extract<Chart, { kind: K }>) : undefined
  return (
    <section class="scroll-x" tabindex="0" aria-label={props.chart.title}>
      <Switch>
        <Match when={as('lines')}>{(chart) => <LinesTable chart={chart()} />}</Match>
        <Match when={as('bars')}>{(chart) => <BarsTable chart={chart()} />}</Match>
        <Match when={as('bands')}>{(chart) => <BandsTable chart={chart()} />}</Match>
      </Switch>
    </section>
  )
}

function LinesTable(props: { chart: LinesChart }) {
  const rows = () => props.chart.rows ?? props.chart.lines[0]?.points.map(([x]) => x) ?? []
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" class="num">
            {props.chart.x.label}
          </th>
          <For each={props.chart.lines}>
            {(line) => (
              <th scope="col" class="num">
                {line.name}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody>
        <For each={rows()}>
          {(x) => (
            <tr>
              <th scope="row" class="num">
                {props.chart.x.say(x)}
              </th>
              <For each={props.chart.lines}>
                {(line) => {
                  const value = valueAt(line, x)
                  return <td class="num">{value === undefined ? '·' : sayOf(props.chart, line, value)}</td>
                }}
              </For>
            </tr>
          )}
        </For>
        <For each={props.chart.cuts ?? []}>
          {(cut) => (
            <tr>
              <th scope="row" class="num">
                {cut.name}
              </th>
              <td class="num" colspan={props.chart.lines.length}>
                {cut.x === undefined ? props.chart.y.say(cut.y ?? 0) : `at ${props.chart.x.say(cut.x)}`}
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}

function BarsTable(props: { chart: BarsChart }) {
  const names = () => [...new Set(props.chart.rows.flatMap(({ parts }) => parts.map(({ name }) => name)))]
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">row</th>
          <For each={names()}>
            {(name) => (
              <th scope="col" class="num">
                {name}
              </th>
            )}
          </For>
          <th scope="col">note</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.chart.rows}>
          {(row) => (
            <tr>
              <th scope="row">{row.name}</th>
              <For each={names()}>
                {(name) => {
                  const found = row.parts.find((one) => one.name === name)
                  return <td class="num">{found ? props.chart.say(found.value) : '·'}</td>
                }}
              </For>
              <td>{row.note}</td>
            </tr>
          )}
        </For>
        <For each={props.chart.cuts ?? []}>
          {(cut) => (
            <tr>
              <th scope="row">line {cut.name}</th>
              <td class="num">{props.chart.say(cut.at)}</td>
              <td colspan={names().length} />
            </tr>
          )}
        </For>
      </tbody>
    </table>
  )
}

function BandsTable(props: { chart: BandsChart }) {
  return (
    <>
      <table>
        <thead>
          <tr>
            <For each={['band', 'from', 'to', 'crvUSD', 'collateral, crvUSD', 'converted']}>
              {(name) => (
                <th scope="col" class="num">
                  {name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.chart.bands}>
            {(band) => (
              <tr>
                <th scope="row" class="num">
                  {band.n}
                </th>
                <td class="num">{amount(band.up)}</td>
                <td class="num">{amount(band.down)}</td>
                <td class="num">{amount(band.stable)}</td>
                <td class="num">{amount(band.coins)}</td>
                <td class="num">{part(band.stable / (band.stable + band.coins || 1), 1)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <h3 class="twin-head">Path</h3>
      <table>
        <thead>
          <tr>
            <For each={['step', 'price', 'AMM price', 'health, full', 'collateral']}>
              {(name) => (
                <th scope="col" class="num">
                  {name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.chart.path}>
            {(one, step) => (
              <tr>
                <th scope="row" class="num">
                  {step()}
                </th>
                <td class="num">{amount(one.price)}</td>
                <td class="num">
                  <Show when={one.amm} fallback="·">
                    {(amm) => amount(amm())}
                  </Show>
                </td>
                <td class="num">{part(one.health)}</td>
                <td class="num">{digits(one.coins, 5)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </>
  )
}
