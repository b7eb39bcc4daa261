/** Every measure of every column, sorted by any of them, and the parameters that stand behind. */
import { createMemo, For, Show } from 'solid-js'
import { ARENA_MEASURES, type ArenaRow } from '../../../lib/sim/index.ts'
import { sortOf } from '../state/arena.ts'
import { EXACTNESS, measured } from './arena-words.ts'

type TableProps = {
  readonly rows: readonly ArenaRow[]
  readonly sort: string
  readonly onSort: (word: string) => void
}

/** The table. */
export function ArenaTable(props: TableProps) {
  const sort = createMemo(() => sortOf(props.sort))
  const sorted = createMemo(() => sortedRows(props.rows, sort()))
  const next = (name: string) => {
    const now = sort()
    if (now?.name !== name) return name
    return now.down ? '' : `-${name}`
  }
  const state = (name: string) => {
    const now = sort()
    return now?.name !== name ? 'none' : now.down ? 'descending' : 'ascending'
  }
  return (
    <section class="scroll-x arena-table" tabindex="0" aria-label="every measure by mechanism">
      <table>
        <thead>
          <tr>
            <th scope="col">mechanism</th>
            <For each={ARENA_MEASURES}>
              {({ name, title, says }) => (
                <th scope="col" class="num" aria-sort={state(name)}>
                  <button
                    type="button"
                    class="sorter"
                    title={says}
                    data-sort={name}
                    onClick={() => props.onSort(next(name))}
                  >
                    {title}
                    <span aria-hidden="true">{{ none: '', ascending: ' ▲', descending: ' ▼' }[state(name)]}</span>
                  </button>
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={sorted()}>
            {(row) => (
              <tr>
                <th scope="row">
                  {row.id} <span class="tag">{EXACTNESS[row.exactness][0]}</span>
                </th>
                <For each={ARENA_MEASURES}>
                  {(measure) => <td class="num">{measured(measure, measure.of(row))}</td>}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

/** Rows by a measure; what has no value comes last. */
export function sortedRows(rows: readonly ArenaRow[], sort: ReturnType<typeof sortOf>): readonly ArenaRow[] {
  const measure = ARENA_MEASURES.find(({ name }) => name === sort?.name)
  if (!sort || !measure) return rows
  const sign = sort.down ? -1 : 1
  return [...rows].sort((a, b) => {
    const [one, other] = [measure.of(a), measure.of(b)]
    if (one === undefined || other === undefined) return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0)
    return sign * (one - other)
  })
}

/** Parameters of each column; what nobody chose says so. */
export function ArenaParams(props: { rows: readonly ArenaRow[] }) {
  return (
    <div class="arena-params">
      <For each={props.rows}>
        {(row) => (
          <details>
            <summary>
              {row.id}: {row.title}
              <Show when={row.params.some((one) => !one.default)}>
                <span class="tag">changed</span>
              </Show>
            </summary>
            <ul class="notes">
              <li>{EXACTNESS[row.exactness][1]}</li>
              <For each={row.params}>
                {(one) => (
                  <li>
                    <code>
                      {one.name}={one.value}
                    </code>{' '}
                    <Show when={one.default}>
                      <span class="label">(default)</span>
                    </Show>{' '}
                    {one.says}
                  </li>
                )}
              </For>
            </ul>
          </details>
        )}
      </For>
    </div>
  )
}
