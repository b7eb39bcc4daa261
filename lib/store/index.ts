/** The store room: one schema, three engines. */
export * from './content.ts'
export * from './memory.ts'
export * from './parquet.ts'
export * from './store.ts'
