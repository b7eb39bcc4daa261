/** The marks of a walk, and how its repeated steps are told as one. */
import { signOf } from './profile.ts'
import type { Walk, WalkStep } from './walk.ts'

/** Time between two marks, ms: what venues publish. */
const MARK_MS = 1_000

/**
 * The first mark strictly beyond `target`, as the position loses: on the tick grid, or on the grid of strides. After an order (`ordered`) it is at
 * least one mark away from `mark`.
 */
export function markBeyond(walk: Walk, mark: number, target: number, ordered: boolean): number {
  const sign = signOf(walk.position.side)
  if (!Number.isFinite(target)) return target
  if (target <= 0) return 0
  const { tickSize } = walk.market
  const onGrid = (count: number) => Number((Math.max(1, count) * tickSize).toPrecision(14))
  const beyond = (price: number) =>
    onGrid(sign === 1 ? Math.ceil(price / tickSize - 1e-9) - 1 : Math.floor(price / tickSize + 1e-9) + 1)
  const farther = (a: number, b: number) => (sign === 1 ? Math.min(a, b) : Math.max(a, b))
  const least = ordered ? mark * (1 + walk.perSecond) ** ((-sign * MARK_MS) / 1_000) : mark
  const nearest = beyond(farther(target, least))
  if (walk.stride === 0) return nearest
  const factor = sign === 1 ? 1 - walk.stride : 1 + walk.stride
  const count = Math.max(1, Math.ceil(Math.log(nearest / walk.mark) / Math.log(factor) - 1e-9))
  return farther(onGrid(Math.round((walk.mark * factor ** count) / tickSize)), beyond(mark))
}

/** Fewest cycles of trigger, order and cure that are told as one. */
const LIKE_CYCLES = 3

/** Tells orders at one mark as one, and repeated cycles as one: the first stays, the others become a single order (`times`) and the last cure. */
export function joined(all: readonly WalkStep[]): readonly WalkStep[] {
  const steps = atOneMark(all)
  const told: WalkStep[] = []
  for (let at = 0; at < steps.length; ) {
    let cycles = 0
    while (isCycle(steps, at + 3 * cycles)) cycles++
    if (cycles < LIKE_CYCLES) {
      const taken = Math.max(1, 3 * cycles)
      told.push(...steps.slice(at, at + taken))
      at += taken
      continue
    }
    const rest = steps.slice(at + 3, at + 3 * cycles)
    told.push(
      ...steps.slice(at, at + 3),
      sumOf(rest.filter(({ state }) => state === 'partial')),
      rest.at(-1) as WalkStep,
    )
    at += 3 * cycles
  }
  return told
}

function atOneMark(steps: readonly WalkStep[]): readonly WalkStep[] {
  const told: WalkStep[] = []
  for (const step of steps) {
    const last = told.at(-1)
    const again =
      step.state === 'partial' && last?.state === 'partial' && last.mark === step.mark && (step.closed ?? 0) > 0
    if (again) told[told.length - 1] = sumOf([last, step])
    else told.push(step)
  }
  return told
}

function isCycle(steps: readonly WalkStep[], at: number): boolean {
  return steps[at]?.state === 'liquidatable' && steps[at + 1]?.state === 'partial' && steps[at + 2]?.state === 'cured'
}

/** One step for many orders: sums, the average fill price by size, and what stands after the last. */
function sumOf(orders: readonly WalkStep[]): WalkStep {
  const last = orders.at(-1) as WalkStep
  const sum = (pick: (step: WalkStep) => number | undefined) =>
    orders.reduce((total, step) => total + (pick(step) ?? 0), 0)
  const closed = sum((step) => step.closed)
  const fillPrice =
    closed > 0 ? sum((step) => (step.fillPrice ?? 0) * (step.closed ?? 0)) / closed : (last.fillPrice as number)
  return {
    ...last,
    times: sum((step) => step.times ?? 1),
    ordered: sum((step) => step.ordered),
    closed,
    fillPrice,
    fee: sum((step) => step.fee),
  }
}
