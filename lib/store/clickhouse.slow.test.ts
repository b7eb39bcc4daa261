import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ClickhouseServer, clickhouseServer, freePorts } from '../test/clickhouse-server.ts'
import { clickhouseStore } from './clickhouse.ts'
import { storeContract } from './contract.ts'
import { everyEvent } from './sample.ts'

let server: ClickhouseServer
beforeAll(async () => {
  server = await clickhouseServer()
})
afterAll(async () => {
  await server?.remove()
})

storeContract('clickhouse', () => clickhouseStore({ urls: [server.url('contract')] }), 6)

it('keeps what was acknowledged when the server is killed, and goes on when it is back', async () => {
  const store = await clickhouseStore({ urls: [server.url('killed')] })
  await store.append(everyEvent('before'))
  const hash = await store.contentHash()
  await server.kill()
  await expect(store.append(everyEvent('during'))).rejects.toMatchObject({ code: 'store-unreachable', retryable: true })
  await server.start()
  expect(await store.contentHash()).toBe(hash)
  await store.append(everyEvent('during'))
  expect((await store.facts()).events).toBe(2 * everyEvent('x').length)
  await store.close()
})

it('says what to do when no server answers', async () => {
  const [port] = await freePorts(1)
  await expect(clickhouseStore({ urls: [`http://127.0.0.1:${port}/x`] })).rejects.toMatchObject({
    code: 'store-unreachable',
    fix: expect.stringContaining('--clickhouse'),
  })
  await expect(clickhouseStore({ urls: ['not an address'] })).rejects.toMatchObject({ code: 'bad-config' })
})
