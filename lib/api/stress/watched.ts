/** A long computation that is watched: asked before each step whether to go on, and told how far it is. */

/** `goOn` false: stop here, and label what is there. */
export type Watched = {
  readonly goOn: () => boolean
  readonly at?: ((what: string, done: number, of: number) => void) | undefined
}
