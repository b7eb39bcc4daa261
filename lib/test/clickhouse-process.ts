/** The child process that is a ClickHouse server: the library of the embedded store, started with its network listeners. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DataType, load, open } from 'ffi-rs'

const require = createRequire(import.meta.url)
const manifest = require.resolve(`@chdb/lib-${process.platform}-${process.arch}-gnu/package.json`, {
  paths: [dirname(require.resolve('chdb/package.json'))],
})
open({ library: 'chdb', path: join(dirname(manifest), 'libchdb.so') })
const args = process.argv.slice(2)
// Blocks until standard input ends: the query below reads it. Killing the process is how a test loses a node.
load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
})
