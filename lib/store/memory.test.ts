import { expect, it } from 'vitest'
import { storeContract } from './contract.ts'
import { memoryStore } from './memory.ts'

storeContract('memory', async () => memoryStore(), 10)

it('has no SQL and says so', async () => {
  await expect(memoryStore().query('SELECT 1')).rejects.toMatchObject({ code: 'store-unsupported' })
})
