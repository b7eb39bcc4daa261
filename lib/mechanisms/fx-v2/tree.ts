/**
 * The tick tree of f(x) v2: positions of one tick share a node; when the tick is rebalanced, liquidated or redeemed, the node is hung under the node of
 * the tick where what remains now stands, with the part that remained, so that thousands of positions move at once. A position finds its shares by
 * multiplying the parts on the way up.
 * Source: AladdinDAO/fx-protocol-contracts@5e198e9 `contracts/core/pool/TickLogic.sol`, `contracts/libraries/TickBitmap.sol`.
 */
import { div, ensure, sub } from '../solidity.ts'
import { MIN_AMOUNT, NO_TICK, tickOfUp } from './rules.ts'
import type { FxV2Draft, FxV2Node, FxV2Position, FxV2State } from './state.ts'

/** 2^60: the scale of what remained of a node. */
const E60 = 1n << 60n
const FRESH = { parent: '', collRatio: E60, debtRatio: E60, colls: 0n, debts: 0n } as const

type Nodes = { readonly get: (node: string) => FxV2Node | undefined }

function nodeOf(nodes: Nodes, id: string): FxV2Node {
  return nodes.get(id) ?? { tick: 0, ...FRESH, collRatio: 0n, debtRatio: 0n }
}

/** What one walk to the root finds: the root, and from the root down each node with the parts that remain of it. */
type Walk = {
  readonly root: string
  readonly collRatio: bigint
  readonly debtRatio: bigint
  readonly path: readonly { readonly id: string; readonly collRatio: bigint; readonly debtRatio: bigint }[]
}

function walk(nodes: Nodes, from: string): Walk {
  const ids = [from]
  for (let id = nodeOf(nodes, from).parent; id !== ''; id = nodeOf(nodes, id).parent) ids.push(id)
  const root = ids[ids.length - 1] as string
  let { collRatio, debtRatio } = nodeOf(nodes, root)
  const path = ids
    .slice(0, -1)
    .reverse()
    .map((id) => {
      const own = nodeOf(nodes, id)
      collRatio = (collRatio * own.collRatio) >> 60n
      debtRatio = (debtRatio * own.debtRatio) >> 60n
      return { id, collRatio, debtRatio }
    })
  return { root, collRatio, debtRatio, path }
}

/** A position's shares and root as an action would find them, without touching anything. */
export function currentPosition({ nodes }: Pick<FxV2State, 'nodes'>, position: FxV2Position): FxV2Position {
  return moved(position, walk(nodes, position.node))
}

function moved(position: FxV2Position, { root, collRatio, debtRatio }: Walk): FxV2Position {
  if (position.node === '') return position
  return {
    ...position,
    node: root,
    colls: (position.colls * collRatio) >> 60n,
    debts: (position.debts * debtRatio) >> 60n,
  }
}

/**
 * A position's shares brought up to date, its way to the root shortened. The parts written include the root's own: where a root was closed for good
 * with collateral left, the next look at the same way takes its part twice, as in the contract.
 */
export function updatedPosition({ nodes, positions }: FxV2Draft, id: string, position: FxV2Position): FxV2Position {
  if (position.node === '') return position
  const found = walk(nodes, position.node)
  for (const { id: at, collRatio, debtRatio } of found.path)
    nodes.set(at, { ...nodeOf(nodes, at), parent: found.root, collRatio, debtRatio })
  const now = moved(position, found)
  positions.set(id, now)
  return now
}

function newNode({ book, nodes, ticks }: FxV2Draft, tick: number): string {
  const id = String(book.nextNode++)
  ticks.set(String(tick), id)
  nodes.set(id, { tick, ...FRESH })
  return id
}

function flip({ bits }: FxV2Draft, tick: number): void {
  const word = String(tick >> 8)
  bits.set(word, (bits.get(word) ?? 0n) ^ (1n << BigInt(tick & 255)))
}

/** The next tick with debt at or below a tick; {@link NO_TICK} when there is none. */
export function tickAtOrBelow({ bits }: { readonly bits: { get(word: string): bigint | undefined } }, tick: number) {
  for (let at = tick; at >= NO_TICK; at = (at >> 8) * 256 - 1) {
    const place = BigInt(at & 255)
    const masked = (bits.get(String(at >> 8)) ?? 0n) & ((1n << (place + 1n)) - 1n)
    if (masked > 0n) return (at >> 8) * 256 + masked.toString(2).length - 1
  }
  return NO_TICK
}

/** Puts shares into the tick of their ratio; gives its node, '' for shares without debt. */
export function addToTick(draft: FxV2Draft, colls: bigint, debts: bigint, checkDebt: boolean): string {
  if (debts === 0n) return ''
  ensure(!checkDebt || debts >= MIN_AMOUNT, 'ErrorDebtTooSmall')
  const tick = tickOfUp(colls, debts)
  const node = draft.ticks.get(String(tick)) ?? newNode(draft, tick)
  const before = nodeOf(draft.nodes, node)
  draft.nodes.set(node, { ...before, colls: before.colls + colls, debts: before.debts + debts })
  if (before.debts === 0n) flip(draft, tick)
  if (tick > draft.book.topTick) draft.book.topTick = tick
  return node
}

/** Takes a position's shares out of its tick. */
export function removeFromTick(draft: FxV2Draft, { node, colls, debts }: FxV2Position): void {
  if (node === '') return
  const before = nodeOf(draft.nodes, node)
  const left = sub(before.debts, debts)
  draft.nodes.set(node, { ...before, colls: sub(before.colls, colls), debts: left })
  if (left > 0n || before.debts === 0n) return
  flip(draft, before.tick)
  if (draft.book.topTick === before.tick) resetTop(draft)
}

function resetTop(draft: FxV2Draft): void {
  draft.book.topTick = tickAtOrBelow(draft, draft.book.topTick - 1)
}

/** The shares that stand in a tick now. */
export function sharesAt(
  { ticks, nodes }: { readonly ticks: { get(tick: string): string | undefined }; readonly nodes: Nodes },
  tick: number,
): { readonly colls: bigint; readonly debts: bigint } {
  const { colls, debts } = nodeOf(nodes, ticks.get(String(tick)) ?? '')
  return { colls, debts }
}

/** Whether taking shares would leave the rest in another tick. */
export function wouldMove(draft: FxV2Draft, tick: number, colls: bigint, debts: bigint): boolean {
  const before = sharesAt(draft, tick)
  const left = sub(before.debts, debts)
  return left === 0n || tickOfUp(sub(before.colls, colls), left) !== tick
}

/** Takes shares out of a whole tick; what remains goes to the tick of its ratio, and all its positions with it. */
export function takeFromTick(draft: FxV2Draft, tick: number, colls: bigint, debts: bigint): void {
  const id = draft.ticks.get(String(tick)) ?? ''
  const before = nodeOf(draft.nodes, id)
  newNode(draft, tick)
  flip(draft, tick)
  const [leftColls, leftDebts] = [sub(before.colls, colls), sub(before.debts, debts)]
  const collRatio = div(leftColls * E60, before.colls)
  const debtRatio = div(leftDebts * E60, before.debts)
  const parent = addToTick(draft, leftColls, leftDebts, false)
  draft.nodes.set(id, { ...before, collRatio, debtRatio, parent })
  const now = parent === '' ? undefined : nodeOf(draft.nodes, parent).tick
  if (draft.book.topTick === tick && now !== tick) resetTop(draft)
}
