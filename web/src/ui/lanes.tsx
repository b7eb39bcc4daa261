/** One venue's window as a lane: heard, or deaf. */
import { For } from 'solid-js'
import { formatSpan, formatTime } from '../../../lib/analytics/index.ts'
import type { Heard } from './series.ts'

/** The lane of a venue. */
export function Lane(props: { venue: Heard; from: number; to: number }) {
  const x = (time: number) => (Math.max(0, Math.min(1, (time - props.from) / (props.to - props.from))) * 100).toFixed(2)
  const gaps = () => props.venue.gaps.filter(({ why }) => why !== 'in the future')
  const words = () =>
    gaps().length === 0
      ? 'heard all the time'
      : `deaf: ${gaps()
          .slice(0, 5)
          .map((gap) => `${formatTime(gap.from).slice(5, 19)} for ${formatSpan(gap.to - gap.from)} (${gap.why})`)
          .join('; ')}${gaps().length > 5 ? ` and ${gaps().length - 5} more` : ''}`
  return (
    <svg class="lane" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={words()}>
      <title>{words()}</title>
      <rect class="lane-heard" x="0" y="3" width="100" height="4" />
      <For each={gaps()}>
        {(gap) => (
          <rect
            class={gap.why.startsWith('before anything') ? 'lane-before' : 'lane-deaf'}
            x={x(gap.from)}
            y="0"
            width={Math.max(0.4, Number(x(gap.to)) - Number(x(gap.from)))}
            height="10"
          />
        )}
      </For>
    </svg>
  )
}
