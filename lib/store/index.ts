/** The store room: one schema, three engines. */
export * from './store.ts'
