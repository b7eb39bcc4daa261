/** The api room: the same answers over HTTP, WebSocket and server-sent events. */
export { csvHead, csvRows, parquetFile } from './formats.ts'
export { type ApiOptions, isLoopback } from './options.ts'
export { type Api, startApi } from './start.ts'
export * from './stress/index.ts'
export { startThread } from './thread.ts'
export type * from './types.ts'
