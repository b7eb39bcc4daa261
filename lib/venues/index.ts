/** The venues room: every exchange and protocol as it speaks. */
export * from './venue.ts'
