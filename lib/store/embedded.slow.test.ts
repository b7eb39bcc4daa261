import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storeContract } from './contract.ts'
import { embeddedStore } from './embedded.ts'

storeContract('embedded', async () => embeddedStore(mkdtempSync(join(tmpdir(), 'breakwater-store-'))), 12)
