/** The plain twins: the same questions asked of ordinary objects, one after the other. The kernels must agree with them exactly. */
import type { SlackLine, Trigger } from './line.ts'

/** Numbers of all lines with `base + slope · x < 0`, ascending; places without a position are `undefined`. */
export function plainScan(lines: readonly (SlackLine | undefined)[], x: number): number[] {
  const found: number[] = []
  lines.forEach((line, id) => {
    if (line !== undefined && line.base + x * line.slope < 0) found.push(id)
  })
  return found
}

/** Numbers of all that are candidates at `mark` and were none at `before`, ascending. */
export function plainNewlyTriggered(
  triggers: readonly (Trigger | undefined)[],
  before: number,
  mark: number,
): number[] {
  const found: number[] = []
  triggers.forEach((trigger, id) => {
    if (trigger !== undefined && isTriggered(trigger, mark) && !isTriggered(trigger, before)) found.push(id)
  })
  return found
}

/** Whether a trigger is reached: a long at marks ≤ its price, a short at marks ≥ its price. */
export function isTriggered({ side, price }: Trigger, mark: number): boolean {
  return side === 'long' ? mark <= price : mark >= price
}
