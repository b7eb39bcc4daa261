/** The cascade in rows: rounds, who was forced and at what, who is next, and the links that carried it on. */
import { createMemo, For, Show } from 'solid-js'
import { formatCount, formatNumber, formatUsd } from '../../../lib/analytics/index.ts'
import { type CoinRun, causalLinks, type HeldLevel } from '../data/cascade.ts'
import { coinPrice, moved } from './cascade-words.ts'
import { Side } from './figure.tsx'
import { percent } from './position-words.ts'

/** Rows shown of who was forced. */
const MOST_ROWS = 120
const NEXT_ROWS = 8

type RunProps = { readonly run: CoinRun }

/** One row per round. */
export function RoundTable(props: RunProps) {
  return (
    <section class="scroll scroll-x" tabindex="0" aria-label="rounds of the cascade">
      <table>
        <thead>
          <tr>
            <th scope="col">round</th>
            <For
              each={[
                'accounts',
                'forced',
                'coins',
                'price before',
                'average fill',
                'price after',
                'of the round before',
              ]}
            >
              {(name) => (
                <th scope="col" class="num">
                  {name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.run.outcome.rounds}>
            {(one, at) => (
              <tr>
                <th scope="row">{at() + 1}</th>
                <td class="num">{formatCount(one.levels.length)}</td>
                <td class="num">⊢{formatUsd(one.quantity * one.fill)}</td>
                <td class="num">{formatNumber(one.quantity, 5)}</td>
                <td class="num">{coinPrice(one.before)}</td>
                <td class="num">{coinPrice(one.fill)}</td>
                <td class="num">{coinPrice(one.after)}</td>
                <td class="num">{one.offspring === undefined ? '·' : `×${formatNumber(one.offspring, 3)}`}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}

/** Who was forced up to a round: the largest first within each round. */
export function ForcedTable(props: RunProps & { round: number }) {
  const rows = createMemo(() =>
    props.run.outcome.rounds
      .slice(0, props.round)
      .flatMap((round, at) =>
        [...(round.levels as readonly HeldLevel[])]
          .sort((a, b) => b.quantity - a.quantity)
          .map((level) => ({ level, round, number: at + 1 })),
      ),
  )
  return (
    <>
      <section class="scroll scroll-x forced" tabindex="0" aria-label="accounts that were forced">
        <table>
          <thead>
            <tr>
              <th scope="col">round</th>
              <th scope="col">account</th>
              <th scope="col">side</th>
              <For each={['level', 'coins', 'forced', 'before → after', 'left of its margin']}>
                {(name) => (
                  <th scope="col" class="num">
                    {name}
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={rows().slice(0, MOST_ROWS)}>
              {({ level, round, number }) => (
                <tr>
                  <td>{number}</td>
                  <th scope="row">
                    <code>{level.id}</code>
                  </th>
                  <td>
                    <Side side={level.side} loan={level.position.kind === 'loan'} />
                  </td>
                  <td class="num">{coinPrice(level.price)}</td>
                  <td class="num">{formatNumber(level.quantity, 4)}</td>
                  <td class="num">⊢{formatUsd(level.quantity * round.fill)}</td>
                  <td class="num">
                    {coinPrice(round.before)} → {coinPrice(round.after)}
                  </td>
                  <LeftOver level={level} fill={round.fill} />
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </section>
      <Show when={rows().length > MOST_ROWS}>
        <p class="label">
          {formatCount(rows().length - MOST_ROWS)} more rows of {formatCount(rows().length)}; the rounds have them in
          sum.
        </p>
      </Show>
    </>
  )
}

function LeftOver(props: { level: HeldLevel; fill: number }) {
  const left = () =>
    (props.level.side === 'long' ? 1 : -1) * props.level.quantity * (props.fill - props.level.position.bankruptcy)
  return (
    <td class="num" classList={{ broken: left() < 0 }}>
      {left() < 0 ? `−${formatUsd(-left())} short` : formatUsd(left())}
    </td>
  )
}

/** The accounts that stand next beyond the price. */
export function NextTable(props: RunProps) {
  const next = () =>
    (props.run.side.levels as readonly HeldLevel[]).slice(props.run.outcome.fired, props.run.outcome.fired + NEXT_ROWS)
  return (
    <Show when={next().length > 0} fallback={<p class="empty">Nobody is left on this side.</p>}>
      <table class="next">
        <thead>
          <tr>
            <th scope="col">account</th>
            <th scope="col" class="num">
              at
            </th>
            <th scope="col" class="num">
              further
            </th>
            <th scope="col" class="num">
              would be forced
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={next()}>
            {(level) => (
              <tr>
                <th scope="row">
                  <code>{level.id}</code>
                </th>
                <td class="num">{coinPrice(level.price)}</td>
                <td class="num">{percent(level.price / props.run.outcome.price - 1)}</td>
                <td class="num">⊢{formatUsd(level.quantity * level.price)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  )
}

/** The ten largest causal links: account → its order → the price → the next account. */
export function LinkList(props: RunProps) {
  const links = createMemo(() => causalLinks(props.run))
  return (
    <Show when={links().length > 0} fallback={<p class="empty">Nothing was forced, so nothing led to anything.</p>}>
      <ol class="links">
        <For each={links()}>
          {(link) => (
            <li>
              <span class="label">round {link.round}</span>{' '}
              <Show when={link.from} fallback={<strong>the shock</strong>}>
                {(from) => (
                  <>
                    <code>{from()}</code> {props.run.outcome.side === 'long' ? 'sold' : 'bought back'}
                  </>
                )}
              </Show>{' '}
              → price {percent(link.move, 3)} → <code>{link.to}</code> at {coinPrice(link.toPrice)} (
              {moved(link.toPrice, props.run.start)}) → ⊢{formatUsd(link.usd)}
            </li>
          )}
        </For>
      </ol>
    </Show>
  )
}
