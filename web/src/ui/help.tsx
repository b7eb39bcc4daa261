/** Keys, signs and what the numbers mean. */
import { createEffect, For } from 'solid-js'
import { KEYS } from './keyboard.ts'

const SIGNS: readonly (readonly [string, string])[] = [
  ['=', 'everything there was'],
  ['≥', 'a lower bound: throttled feeds, gaps, venues without a feed, events without a price'],
  ['≈', 'an estimate with its interval (none is computed yet)'],
  ['~', 'modelled (nothing is yet)'],
  ['⊢', 'simulated: nothing of it happened'],
  ['—', 'not known; 0 is a measured zero'],
  ['▼', 'long liquidated: the position was sold by force'],
  ['▲', 'short liquidated: it was bought back by force'],
  ['◆', 'side unknown'],
  ['coverage', 'part of venue-time that was heard, over the venues that are listened to'],
]

/** The help, as a dialog. */
export function Help(props: { open: boolean; onClose: () => void }) {
  let dialog: HTMLDialogElement | undefined
  createEffect(() => {
    if (props.open && !dialog?.open) dialog?.showModal()
    else if (!props.open && dialog?.open) dialog.close()
  })
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => props.onClose()}>
      <div class="panel-head">
        <h2 id="help-title">Keys and signs</h2>
        <button type="button" class="tool" onClick={() => props.onClose()}>
          close
        </button>
      </div>
      <div class="help-lists">
        <dl>
          <For each={KEYS}>
            {([key, says]) => (
              <>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{says}</dd>
              </>
            )}
          </For>
        </dl>
        <dl>
          <For each={SIGNS}>
            {([sign, says]) => (
              <>
                <dt class="sign">{sign}</dt>
                <dd>{says}</dd>
              </>
            )}
          </For>
        </dl>
      </div>
      <p class="label">
        Filter: <code>coin:ETH &gt;100k side:long venue:bybit kind:loan</code>. Every figure opens its rows, every row
        its raw frame. The address holds all of it.
      </p>
    </dialog>
  )
}
