/** The model beside the record, and the rules beside each other. */
import { For, Show } from 'solid-js'
import {
  CERTAINTY_WORDS,
  differenceText,
  type FigureRow,
  figureText,
  type IncidentRun,
  publishedText,
  verdictWords,
} from '../../../lib/sim/index.ts'

/** Published, model, difference with a bar in units of the tolerance, verdict. */
export function FigureTable(props: { readonly run: IncidentRun }) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="model against record">
      <table class="incident-table incident-figures" data-testid="figures">
        <thead>
          <tr>
            <th scope="col">figure</th>
            <th scope="col" class="num">
              published
            </th>
            <th scope="col" class="num">
              ⊢ model
            </th>
            <th scope="col" class="num">
              difference
            </th>
            <th scope="col">in tolerances</th>
            <th scope="col">verdict</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.run.figures}>
            {(row) => (
              <tr data-figure={row.id} data-verdict={row.verdict}>
                <th scope="row">
                  {row.figure} <span class="label">{row.how}</span>
                </th>
                <td class="num" data-title="published" title={CERTAINTY_WORDS[row.certainty]}>
                  {publishedText(row)} <span class="label">{row.certainty}</span>
                </td>
                <td class="num" data-title="⊢ model">
                  {figureText(row.model, row.unit)}
                </td>
                <td class="num" data-title="difference">
                  {differenceText(row)}
                </td>
                <td data-title="in tolerances">
                  <DifferenceBar row={row} />
                </td>
                <td data-title="verdict">
                  <span class="tag" classList={{ warn: row.verdict !== 'met', fitted: row.fitted !== undefined }}>
                    {verdictWords(row)}
                  </span>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <p class="label" data-testid="certainties">
        published:{' '}
        {[...new Set(props.run.figures.map(({ certainty }) => certainty))]
          .map((one) => `${one} ${CERTAINTY_WORDS[one]}`)
          .join(' · ')}
      </p>
    </section>
  )
}

const WIDTH = 92
const MOST = 3

/** The difference in tolerances: the band is what counts as met, the mark is the model; beyond three it stands at the edge. */
function DifferenceBar(props: { readonly row: FigureRow }) {
  const times = () => timesOf(props.row)
  const x = (value: number) => WIDTH / 2 + (Math.max(-MOST, Math.min(MOST, value)) / MOST) * (WIDTH / 2 - 5)
  return (
    <span class="incident-bar">
      <Show when={times() !== undefined} fallback={<span class="label">—</span>}>
        <svg viewBox={`0 0 ${WIDTH} 16`} width={WIDTH} height="16" aria-hidden="true">
          <rect class="incident-band" x={x(-1)} y="3" width={x(1) - x(-1)} height="10" />
          <line class="grid" x1={WIDTH / 2} x2={WIDTH / 2} y1="1" y2="15" />
          <circle
            class="incident-mark"
            classList={{ missed: props.row.verdict === 'missed' }}
            cx={x(times() ?? 0)}
            cy="8"
            r="4"
          />
        </svg>
      </Show>{' '}
      <span class="label">{props.row.tolerance}</span>
    </span>
  )
}

/** Difference / tolerance; an exact figure stands at 0 or at the edge. */
function timesOf({ difference, relative, tolerance, verdict }: FigureRow): number | undefined {
  if (difference === undefined) return undefined
  if (difference === 0) return 0
  const said = Number(/^±([\d.e-]+)/.exec(tolerance)?.[1])
  if (!(said > 0)) return verdict === 'met' ? 0 : Math.sign(difference) * MOST
  if (tolerance.endsWith('%')) return relative === undefined ? 0 : (relative * 100) / said
  return difference / said
}

/** A change that is one of the library’s own stands once. */
function shownRules({ rules }: IncidentRun, chosen: string | undefined): IncidentRun['rules'] {
  const twice = rules.some(({ id }) => id === chosen) && chosen !== 'asked'
  return twice ? rules.filter(({ id }) => id !== 'asked') : rules
}

/** Every measure under every set of rules. */
export function RulesTable(props: { readonly run: IncidentRun; readonly chosen: string | undefined }) {
  return (
    <section class="scroll-x" tabindex="0" aria-label="what other rules would have changed">
      <table class="incident-table" data-testid="rules">
        <thead>
          <tr>
            <th scope="col">rules</th>
            <For each={props.run.compared}>
              {({ name }) => (
                <th scope="col" class="num">
                  {name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={shownRules(props.run, props.chosen)}>
            {(rules) => (
              <tr data-rules={rules.id} classList={{ chosen: rules.id === props.chosen }}>
                <th scope="row">{rules.id === 'recorded' ? 'rules of the date' : rules.says}</th>
                <For each={props.run.compared}>
                  {({ id, unit }) => <td class="num">{figureText(rules.values[id], unit)}</td>}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
