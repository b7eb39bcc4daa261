/** The library as a line of time: every incident a link, benchmarks at its end. */
import { createEffect, For } from 'solid-js'
import { INCIDENTS } from '../../../lib/sim/index.ts'
import { incidentAddress } from '../state/incidents.ts'
import { Link } from './link.tsx'

const YEARS = [...new Set(INCIDENTS.map(({ kind, day }) => (kind === 'benchmark' ? 'benchmarks' : day.slice(0, 4))))]
const ofYear = (year: string) =>
  INCIDENTS.filter(({ kind, day }) => (kind === 'benchmark' ? 'benchmarks' : day.slice(0, 4)) === year)

/** Years with their incidents; the open one is marked. */
export function IncidentLibrary(props: { readonly id: string }) {
  let nav: HTMLElement | undefined
  // On a narrow screen the line runs across: the open incident is brought into it, the page stays where it is.
  createEffect(() => {
    const open = props.id && nav?.querySelector<HTMLElement>('[aria-current=page]')
    if (nav && open) nav.scrollLeft = open.offsetLeft - nav.offsetLeft - 16
  })
  return (
    <nav class="incident-years" aria-label="incidents" ref={nav}>
      <For each={YEARS}>
        {(year) => (
          <section aria-label={year}>
            <h3>{year}</h3>
            <ol>
              <For each={ofYear(year)}>
                {({ id, day, kind, title, files }) => (
                  <li>
                    <Link
                      to={{ page: 'incidents', own: incidentAddress({ id, with: '', seed: '1' }) }}
                      current={id === props.id}
                    >
                      <span class="incident-day">{kind === 'benchmark' ? '⊢' : day.slice(5)}</span>
                      <span>
                        {title}
                        {files.length > 0 ? <span class="label"> · needs data</span> : ''}
                      </span>
                    </Link>
                  </li>
                )}
              </For>
            </ol>
          </section>
        )}
      </For>
    </nav>
  )
}
