/** Hyperliquid's `node_fills_by_block` (hourly files of its node, lz4 on S3): every fill read, liquidations and auto-deleveragings kept. */
import { basename } from 'node:path'
import { decodeFillsLine } from '../../venues/index.ts'
import { chunked, lineRecords } from './chunks.ts'
import type { Importer } from './importer.ts'

/** Imports fills by block, as jsonl, gz or lz4. Both sides of a trade carry its liquidation; its `tid` makes it one event. */
export const hyperliquidFills: Importer = {
  id: 'hyperliquid-fills',
  what: 'Hyperliquid node_fills_by_block (jsonl, gz, lz4)',
  claims: ({ head }) => /^\{"local_time":"[^"]+","block_time":"[^"]+","block_number":\d+,"events":/.test(head),
  read: (path, context) => {
    const records = lineRecords(path, 'hyperliquid', ({ text }) => ({ decoded: decodeFillsLine(text).facts }))
    return chunked(records, basename(path), context)
  },
}
