/** A link to another view: a real address, opened without a reload. */
import type { JSX } from 'solid-js'
import type { View } from '../state/view.ts'
import { useTerminal } from './context.ts'

/** A link that changes some of the view. */
export function Link(props: {
  to: Partial<View>
  class?: string | undefined
  title?: string | undefined
  current?: boolean
  label?: string | undefined
  children: JSX.Element
}) {
  const { go, to } = useTerminal()
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    go(props.to)
  }
  return (
    <a
      href={to(props.to)}
      class={props.class}
      title={props.title}
      aria-label={props.label}
      aria-current={props.current ? 'page' : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  )
}
