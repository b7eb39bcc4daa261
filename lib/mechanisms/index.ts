/** The mechanisms room: every way to be liquidated, written once, as pure rules over plain data. */
export * from './mechanism.ts'
export * from './perp/profile.ts'
