/** The api room: the same answers over HTTP, WebSocket and server-sent events. */
export type * from './types.ts'
