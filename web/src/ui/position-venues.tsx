/** The same position at every venue, side by side: where it is liquidated, what happens then, who pays, and how sure that is. */
import { Index, Show } from 'solid-js'
import type { VenueAnswer, VenueFigures } from '../data/position.ts'
import { percent, price, rate, times } from './position-words.ts'

type VenuesProps = {
  readonly answers: readonly VenueAnswer[]
  readonly chosen: string
  readonly choose: (venue: string) => void
}

/** The table. */
export function VenueTable(props: VenuesProps) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="the same position at every venue">
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">venue</th>
            <th scope="col" class="num">
              liquidation price
            </th>
            <th scope="col" class="num">
              from mark
            </th>
            <th scope="col" class="lane-cell">
              bankruptcy ┆ liquidation ┆ mark
            </th>
            <th scope="col" class="num">
              bankruptcy
            </th>
            <th scope="col" class="num">
              maintenance
            </th>
            <th scope="col">then</th>
            <th scope="col">who pays</th>
          </tr>
        </thead>
        <tbody>
          <Index each={props.answers}>
            {(answer) => (
              <VenueRow answer={answer()} answers={props.answers} chosen={props.chosen} choose={props.choose} />
            )}
          </Index>
        </tbody>
      </table>
    </section>
  )
}

function VenueRow(props: VenuesProps & { answer: VenueAnswer }) {
  const figures = () => ('figures' in props.answer ? props.answer.figures : undefined)
  const problem = () => ('problem' in props.answer ? props.answer.problem : undefined)
  return (
    <tr data-venue={props.answer.venue} classList={{ chosen: props.answer.venue === props.chosen }}>
      <th scope="row">
        <button
          type="button"
          class="as-link"
          aria-pressed={props.answer.venue === props.chosen}
          title="show this venue above"
          onClick={() => props.choose(props.answer.venue)}
        >
          {props.answer.name}
        </button>
        <span class="label">
          {' '}
          {props.answer.symbol}
          {figures()?.payoff === 'inverse' ? ' inverse' : ''}
        </span>
      </th>
      <Show
        when={figures()}
        fallback={
          <td colSpan={7} class="venue-problem">
            {problem()}
          </td>
        }
      >
        {(found) => <Cells figures={found()} answers={props.answers} />}
      </Show>
    </tr>
  )
}

function Cells(props: { figures: VenueFigures; answers: readonly VenueAnswer[] }) {
  return (
    <>
      <td class="num strong" data-label="liquidation price">
        {price(props.figures.liquidationPrice, props.figures)}
      </td>
      <td class="num" data-label="from mark">
        {props.figures.distance === undefined ? '—' : percent(props.figures.distance)}
      </td>
      <td class="lane-cell">
        <Lane figures={props.figures} reach={reachOf(props.answers)} />
      </td>
      <td class="num" data-label="bankruptcy">
        {price(props.figures.bankruptcyPrice, props.figures)}
      </td>
      <td class="num" data-label="maintenance" title={props.figures.bracket}>
        {rate(props.figures.rate)}
      </td>
      <td class="then" data-label="then">
        {props.figures.procedure}
      </td>
      <td class="then" data-label="who pays">
        {props.figures.whoPays}
      </td>
    </>
  )
}

/** How far the farthest of the venues' prices lies from the mark; the lanes share it, so that they compare. */
function reachOf(answers: readonly VenueAnswer[]): number {
  const parts = answers.flatMap((answer) => {
    if (!('figures' in answer)) return []
    const { mark, liquidationPrice, bankruptcyPrice } = answer.figures
    return [liquidationPrice, bankruptcyPrice].map((at) => (at === undefined ? 0 : Math.abs(at / mark - 1)))
  })
  return Math.min(1, Math.max(0.001, ...parts)) * 1.04
}

/** A lane from bankruptcy to mark: the further the bar reaches, the more the position survives. */
function Lane(props: { figures: VenueFigures; reach: number }) {
  const part = (at: number | undefined) =>
    at === undefined ? 1 : Math.min(1, Math.abs(at / props.figures.mark - 1) / props.reach)
  const survives = () => part(props.figures.liquidationPrice)
  const left = () => part(props.figures.bankruptcyPrice)
  return (
    <svg class="survival" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
      <rect class="lane-ground" x="0" y="5" width="100" height="2" />
      <rect class="lane-safe" x={100 - survives() * 100} y="3" width={survives() * 100} height="6" />
      <rect
        class="lane-taken"
        x={100 - left() * 100}
        y="3"
        width={Math.max(0, (left() - survives()) * 100)}
        height="6"
      />
    </svg>
  )
}

/** What a leverage survives in the lowest bracket and at this size, beside what 1/leverage promises. */
export function LeverageTable(props: {
  readonly rows: readonly {
    readonly leverage: number
    readonly margin: number
    readonly lowest: number | undefined
    readonly here: number | undefined
  }[]
  readonly leverage: number
  readonly choose: (leverage: number) => void
}) {
  return (
    <table class="leverages">
      <thead>
        <tr>
          <th scope="col">leverage</th>
          <th scope="col" class="num" title="1 / leverage: the move that takes the whole margin">
            margin gone at
          </th>
          <th scope="col" class="num" title="in the lowest bracket of this venue">
            survives, smallest
          </th>
          <th scope="col" class="num">
            survives, this size
          </th>
        </tr>
      </thead>
      <tbody>
        <Index each={props.rows}>
          {(row) => (
            <tr classList={{ chosen: row().leverage === props.leverage }}>
              <th scope="row">
                <button type="button" class="as-link" onClick={() => props.choose(row().leverage)}>
                  {times(row().leverage)}
                </button>
              </th>
              <td class="num label">{percent(row().margin)}</td>
              <td class="num">{percent(row().lowest)}</td>
              <td class="num strong">{row().here === undefined ? 'not allowed' : percent(row().here)}</td>
            </tr>
          )}
        </Index>
      </tbody>
    </table>
  )
}
