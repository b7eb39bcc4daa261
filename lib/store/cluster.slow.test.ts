/** 2 shards × 2 replicas: the suite, and a run in which one node of each shard dies. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { type ClickhouseServer, clickhouseCluster } from '../test/clickhouse-server.ts'
import { clickhouseStore } from './clickhouse.ts'
import { expectAlike, storeContract } from './contract.ts'
import { memoryStore } from './memory.ts'
import { randomBatches } from './sample.ts'

let nodes: ClickhouseServer[][]
// A cluster for the suite and another for the killing, so that neither inherits the other's load.
beforeEach(async ({ task }) => {
  if (nodes === undefined || task.name.startsWith('loses')) {
    await removeAll()
    nodes = await clickhouseCluster(2, 2)
  }
})
afterAll(removeAll)

async function removeAll(): Promise<void> {
  await Promise.all((nodes ?? []).flat().map((node) => node.remove()))
}

const open = (database: string, servers = nodes.flat()) =>
  clickhouseStore({ urls: servers.map((node) => node.url(database)), cluster: 'breakwater' })

storeContract(
  'cluster',
  async () => {
    nodes ??= await clickhouseCluster(2, 2)
    return open('contract')
  },
  3,
)

// The library run as a server sometimes aborts by itself (SIGABRT) while it takes work on again after a kill: that ends the test, and says
// nothing about the store. A retry begins with new nodes; what the store itself loses would be lost again.
it('loses nothing that was acknowledged when a node of each shard is killed, and heals when they are back', {
  retry: 1,
}, async () => {
  const store = await open('killing')
  const model = memoryStore()
  const batches = randomBatches('cluster', 400, ['a', 'b'])
  const [first, second] = [Math.floor(batches.length / 3), Math.floor((2 * batches.length) / 3)]
  const write = async (from: number, to: number) => {
    for (const batch of batches.slice(from, to)) {
      await store.append(batch)
      await model.append(batch)
    }
  }
  await write(0, first)
  // The first node is the one that takes the writes; it dies while a batch is under way.
  const [taker, other] = [nodes[0]?.[0] as ClickhouseServer, nodes[1]?.[1] as ClickhouseServer]
  const inFlight = store.append(batches[first] ?? [])
  await Promise.all([taker.kill(), other.kill()])
  await inFlight
  await model.append(batches[first] ?? [])
  await write(first + 1, second)
  await expectAlike(store, model, ['a', 'b'])
  await Promise.all([taker.start(), other.start()])
  await write(second, batches.length)
  await store.close()
  // Opening again makes up for deletions that the dead nodes missed; then every node tells the same.
  const healed = await open('killing')
  for (const table of ['events', 'tombstones'])
    for (const node of nodes.flat())
      await fetch(`${node.url('').replace(/\/$/, '')}/?database=killing`, {
        method: 'POST',
        body: `SYSTEM FLUSH DISTRIBUTED ${table}`,
      })
  await healed.close()
  const again = await open('killing')
  await expectAlike(again, model, ['a', 'b'])
  await again.close()
  for (const shard of nodes) {
    const contents = await Promise.all(shard.map(async (node) => (await localIds(node)).join('\n')))
    expect(contents[0]).not.toBe('')
    expect(contents[1]).toBe(contents[0])
  }
})

/**
 * What one node itself holds, doubles included. The library run as a server may refuse all work, or end, after a fault of its own:
 * then it is started again on its data, once.
 */
async function localIds(node: ClickhouseServer, again = true): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${node.httpPort}/?database=killing`, {
    method: 'POST',
    body: 'SELECT id FROM events_local ORDER BY id',
  }).catch(() => undefined)
  const text = (await answer?.text()) ?? 'the node does not answer'
  if (again && (answer === undefined || text.includes('(ABORTED)'))) {
    await node.kill()
    await node.start()
    return localIds(node, false)
  }
  expect(answer?.ok, text).toBe(true)
  return text.trim().split('\n')
}
