/** Who pays for a cascade: one bar per party, losses to the left and gains to the right, with the sum that must be zero. */
import { createMemo, For } from 'solid-js'
import { formatUsd } from '../../../lib/analytics/index.ts'
import type { CascadeRun, Payers } from '../data/cascade.ts'
import { signedUsd } from './cascade-words.ts'

const PARTIES: readonly (readonly [keyof Payers, string, string])[] = [
  ['accounts', 'liquidated accounts', 'their equity that is gone, fees included'],
  ['insurance', 'insurance fund', 'fees in, shortfalls out'],
  ['uncovered', 'not covered: bad debt or ADL', 'shortfall that the fund did not have'],
  [
    'counterparties',
    'the other side',
    'those who were short against longs, or long against shorts, at the last price; of loans the fall itself',
  ],
  ['takers', 'takers of the forced orders', 'bought what was sold, or sold what was bought, at the last price'],
]

/** The bars. */
export function PayerBars(props: { run: CascadeRun }) {
  const most = createMemo(() => Math.max(1, ...PARTIES.map(([key]) => Math.abs(props.run.payers[key]))))
  return (
    <table class="payers">
      <thead>
        <tr>
          <th scope="col">party</th>
          <th scope="col" class="num">
            change
          </th>
          <th scope="col">
            <span class="visually-hidden">bar</span>
          </th>
        </tr>
      </thead>
      <tbody>
        <For each={PARTIES}>
          {([key, name, says]) => (
            <tr data-party={key}>
              <th scope="row" title={says}>
                {name}
              </th>
              <td class="num" title={`$${props.run.payers[key].toFixed(2)}`}>
                {signedUsd(props.run.payers[key])}
              </td>
              <td class="payer-cell" aria-hidden="true">
                <span
                  class="payer-bar"
                  classList={{
                    loss: props.run.payers[key] < 0,
                    system: key === 'uncovered' || (key === 'insurance' && props.run.payers[key] < 0),
                  }}
                  style={{ '--part': String(Math.abs(props.run.payers[key]) / most()) }}
                />
              </td>
            </tr>
          )}
        </For>
        <tr class="payers-sum">
          <th scope="row">Σ</th>
          <td class="num" data-testid="sum">
            {zero(props.run.payers.sum)}
          </td>
          <td class="label">insurance left ⊢{formatUsd(props.run.fundLeft)}</td>
        </tr>
      </tbody>
    </table>
  )
}

/** The sum to the cent: a cent that appeared from nowhere would be shown. */
function zero(sum: number): string {
  const text = Math.abs(sum).toFixed(2)
  return text === '0.00' ? '0.00' : `${sum < 0 ? '−' : ''}${text}`
}
