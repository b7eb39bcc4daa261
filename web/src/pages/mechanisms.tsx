/** The mechanisms page: a tab for every soft way to be liquidated, each driven in the browser by the code that the library publishes. */
import { createEffect, createMemo, createResource, For, Show } from 'solid-js'
import type { MechanismPanel } from '../data/mechanisms/panel.ts'
import { MECHANISM_TABS, type MechanismTab, type MechanismWords, tabOf } from '../state/mechanisms.ts'
import { useTerminal } from '../ui/context.ts'
import { Link } from '../ui/link.tsx'
import { Workbench } from '../ui/mechanisms/workbench.tsx'
import { Panel } from '../ui/widget.tsx'
import '../style/mechanisms.css'

/** Each tab loads its rules when it is first opened. */
const LOAD: Readonly<Record<MechanismTab, () => Promise<{ readonly panel: MechanismPanel }>>> = {
  llamma: () => import('../data/mechanisms/llamma.ts'),
  bamm: () => import('../data/mechanisms/bamm.ts'),
  fx: () => import('../data/mechanisms/fx.ts'),
  fx1: () => import('../data/mechanisms/fx1.ts'),
  bob: () => import('../data/mechanisms/bob.ts'),
  infinifi: () => import('../data/mechanisms/infinifi.ts'),
  rwa: () => import('../data/mechanisms/rwa.ts'),
  kamino: () => import('../data/mechanisms/kamino.ts'),
  pre: () => import('../data/mechanisms/pre.ts'),
  pool: () => import('../data/mechanisms/pool.ts'),
  clip: () => import('../data/mechanisms/clip.ts'),
}

/** The words of each tab as they were last left: going to another and back forgets nothing. */
const left = new Map<MechanismTab, MechanismWords>()

/** The page. */
export function MechanismsPage() {
  const { view } = useTerminal()
  const tab = createMemo(() => {
    const now = tabOf(view().own)
    if (view().page === 'mechanisms') left.set(now, view().own)
    return now
  })
  const [loaded, { refetch }] = createResource(tab, async (id) => ({ id, panel: (await LOAD[id]()).panel }))
  return (
    <>
      <Tabs tab={tab()} />
      <Show when={view().own['m'] !== undefined && view().own['m'] !== tab()}>
        <p class="warn" role="status" data-testid="unknown">
          There is no mechanism “{view().own['m']}” here; this is the first one.
        </p>
      </Show>
      <Show when={loaded.error}>
        <Panel title="This mechanism did not load">
          <p>{String(loaded.error)}</p>
          <button type="button" onClick={() => void refetch()}>
            try again
          </button>
        </Panel>
      </Show>
      <Show when={!loaded.error && loaded.latest?.id === tab() && loaded.latest} keyed>
        {(ready) => <Workbench tab={ready.id} panel={ready.panel} />}
      </Show>
    </>
  )
}

function Tabs(props: { tab: MechanismTab }) {
  const wordsOf = (id: MechanismTab): MechanismWords => left.get(id) ?? (id === 'llamma' ? {} : { m: id })
  let row: HTMLElement | undefined
  // On a telephone the row scrolls: the open tab stands in its middle.
  createEffect(() => {
    const at = MECHANISM_TABS.findIndex(([id]) => id === props.tab)
    const one = row?.children[at] as HTMLElement | undefined
    if (row && one) row.scrollLeft = one.offsetLeft - row.offsetLeft - (row.clientWidth - one.clientWidth) / 2
  })
  return (
    <nav class="mech-tabs" aria-label="mechanisms" ref={row}>
      <For each={MECHANISM_TABS}>
        {([id, name, whose]) => (
          <Link to={{ own: wordsOf(id), table: [] }} current={props.tab === id}>
            <strong>{name}</strong> <span class="label">{whose}</span>
          </Link>
        )}
      </For>
    </nav>
  )
}
