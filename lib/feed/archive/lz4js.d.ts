declare module 'lz4js' {
  /** Unpacks one block into `target` from `targetIndex`; returns the index after the last byte written. */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceIndex: number,
    sourceLength: number,
    targetIndex: number,
  ): number
  /** One whole frame. */
  export function compress(source: Uint8Array): Uint8Array
}
