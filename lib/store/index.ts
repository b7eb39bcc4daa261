/** The store room: one schema, three engines. */
export * from './clickhouse.ts'
export * from './content.ts'
export * from './embedded.ts'
export * from './memory.ts'
export * from './open-store.ts'
export * from './parquet.ts'
export * from './store.ts'
export * from './writer.ts'
