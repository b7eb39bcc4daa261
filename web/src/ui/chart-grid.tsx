/** The grid of a chart with fixed size: vertical lines named below, horizontal ones named at the left. */
import { For } from 'solid-js'

type Props = {
  readonly columns: readonly { readonly x: number; readonly label: string }[]
  readonly rows: readonly { readonly y: number; readonly label: string }[]
  /** Edges of the plot in the drawing's units. */
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The grid. */
export function ChartGrid(props: Props) {
  return (
    <>
      <For each={props.columns}>
        {({ x, label }) => (
          <>
            <line class="grid" x1={x} x2={x} y1={props.top} y2={props.bottom} />
            <text class="tick" x={x} y={props.bottom + 14} text-anchor="middle">
              {label}
            </text>
          </>
        )}
      </For>
      <For each={props.rows}>
        {({ y, label }) => (
          <>
            <line class="grid" x1={props.left} x2={props.right} y1={y} y2={y} />
            <text class="tick" x={props.left - 5} y={y + 4} text-anchor="end">
              {label}
            </text>
          </>
        )}
      </For>
    </>
  )
}
