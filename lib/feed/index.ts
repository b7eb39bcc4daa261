/** The feed room: sockets, recordings, replay, chain logs and importers, all on one road. */
export * from './archive/importer.ts'
export * from './feed.ts'
export * from './stamp.ts'
