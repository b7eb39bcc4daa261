/** Nothing is stored and nothing is heard: said plainly, with the two ways on. */
import { Show } from 'solid-js'
import { useTerminal } from './context.ts'
import { Link } from './link.tsx'

/** The state of an empty screen. */
export function Nothing() {
  const { status, view } = useTerminal()
  const offline = () => status()?.mode === 'offline'
  return (
    <section class="panel nothing" aria-labelledby="nothing-title">
      <h2 id="nothing-title">
        {view().at === undefined && offline()
          ? 'No venue can be reached, and nothing is stored yet'
          : 'Nothing was heard in this window'}
      </h2>
      <Show when={!offline()}>
        <p>{status()?.message ?? 'Waiting for word from the server …'}</p>
      </Show>
      <p>No total is shown: unknown is not zero.</p>
      <dl>
        <dt>A simulated market, without a network</dt>
        <dd>
          <code>npm start -- --demo</code>
        </dd>
        <dt>Recorded events of your own</dt>
        <dd>
          <code>npx breakwater import FILE</code>
        </dd>
        <dt>Real days that ship with the program</dt>
        <dd>
          <Link to={{ page: 'records', src: 'aave-v2', at: undefined, kind: 'both' }}>
            the record book of Aave v2, December 2020 to April 2022 ▸
          </Link>
        </dd>
        <Show when={view().at !== undefined}>
          <dt>The present</dt>
          <dd>
            <Link to={{ at: undefined, window: '24h' }}>go back to now ▸</Link>
          </dd>
        </Show>
      </dl>
    </section>
  )
}
