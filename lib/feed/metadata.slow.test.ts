/** Lists of contracts that come in pages. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { UnixMs } from '../model/index.ts'
import { venue } from '../venues/index.ts'
import { loadInstruments } from './metadata.ts'

const clock = { now: () => 1_790_000_000_000 as UnixMs }
let server: Server | undefined
const folders: string[] = []
afterEach(() => {
  server?.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const contract = (symbol: string) => ({ symbol, baseCoin: 'X', quoteCoin: 'USDT', contractType: 'LinearPerpetual' })

/** Loads Bybit's list from a server that answers each address as told. */
async function load(answer: (url: URL) => { list: object[]; nextPageCursor?: string }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'breakwater-metadata-'))
  folders.push(dataDir)
  const asked: string[] = []
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    asked.push(`${url.searchParams.get('category')} ${url.searchParams.get('cursor') ?? 'first'}`)
    response.end(JSON.stringify({ retCode: 0, result: answer(url) }))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const urlFor = (url: string) => `http://127.0.0.1:${port}${new URL(url).pathname}${new URL(url).search}`
  return { loaded: await loadInstruments({ dataDir, venue: venue('bybit'), clock, urlFor }), asked: asked.sort() }
}

describe('lists of contracts', () => {
  it('are read to their last page', async () => {
    const { loaded, asked } = await load(({ searchParams }) => {
      if (searchParams.get('category') === 'inverse') return { list: [contract('AUSD')], nextPageCursor: '' }
      const cursor = searchParams.get('cursor')
      if (cursor === 'two &=') return { list: [contract('CUSDT')], nextPageCursor: '' }
      return { list: [contract('BUSDT')], nextPageCursor: 'two &=' }
    })
    expect(asked).toEqual(['inverse first', 'linear first', 'linear two &='])
    expect(loaded).toMatchObject({ from: 'venue', why: undefined })
    expect(loaded.list.map(({ symbol }) => symbol).sort()).toEqual(['AUSD', 'BUSDT', 'CUSDT'])
  })

  it('may end with an empty page; without any contract they are none', async () => {
    const pages = await load(({ searchParams }) => ({
      list: searchParams.has('cursor') ? [] : [contract('BUSDT')],
      nextPageCursor: 'more',
    }))
    expect(pages.loaded).toMatchObject({ from: 'venue', list: [{ symbol: 'BUSDT' }] })
    server?.close()
    const empty = await load(() => ({ list: [] }))
    expect(empty.loaded).toMatchObject({ from: 'none', why: expect.stringMatching(/lists no instrument/) })
  })

  it('that never end are given up with a word', async () => {
    const { loaded } = await load(() => ({ list: [contract('BUSDT')], nextPageCursor: 'again' }))
    expect(loaded).toMatchObject({ from: 'none', list: [], why: expect.stringMatching(/more than 50 pages/) })
  })
})
