/** The view as a signal that is the address: set it, and the address changes; go back, and it changes back. */
import { batch, createSignal, onCleanup } from 'solid-js'
import { formatView, parseView, tidied, type View } from './view.ts'

/** Reads the address and follows it. */
export function createNavigation() {
  const here = () => parseView(location.pathname, location.search)
  const [view, setView] = createSignal<View>(here(), { equals: (a, b) => formatView(a) === formatView(b) })
  const back = () => setView(here())
  addEventListener('popstate', back)
  onCleanup(() => removeEventListener('popstate', back))

  const go = (patch: Partial<View>, how: 'push' | 'replace' = 'push') => {
    const next = tidied({ ...view(), ...patch })
    const url = formatView(next)
    if (url === formatView(view())) return
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', url)
    const turned = next.page !== view().page
    batch(() => setView(next))
    if (turned) scrollTo({ top: 0 })
  }
  return {
    view,
    go,
    /** The address of the present view with some of it changed. */
    to: (patch: Partial<View>) => formatView(tidied({ ...view(), ...patch })),
  }
}

/** See {@link createNavigation}. */
export type Navigation = ReturnType<typeof createNavigation>
